/** A value whose changes can be undone and done again. */

export interface Undoable<Value> {
  readonly past: readonly Value[];
  readonly present: Value;
  /** The next one first. */
  readonly future: readonly Value[];
}

export function undoable<Value>(present: Value): Undoable<Value> {
  return { past: [], present, future: [] };
}

export function did<Value>({ past, present }: Undoable<Value>, next: Value): Undoable<Value> {
  return { past: [...past, present], present: next, future: [] };
}

/** The same where there is nothing to undo. */
export function undo<Value>(state: Undoable<Value>): Undoable<Value> {
  const { past, present, future } = state;
  if (past.length === 0) return state;
  return { past: past.slice(0, -1), present: past.at(-1)!, future: [present, ...future] };
}

/** The same where nothing was undone. */
export function redo<Value>(state: Undoable<Value>): Undoable<Value> {
  const { past, present, future } = state;
  if (future.length === 0) return state;
  return { past: [...past, present], present: future[0]!, future: future.slice(1) };
}
