/**
 * Selected cells, as in lists and spreadsheets: a gesture selects a range from its first cell to its latest one, and adds the range
 * to what was selected before, or takes it away. Each function takes a selection and returns the next one.
 */

export interface Selection {
  /** Positions that earlier gestures selected and that stay. */
  readonly base: ReadonlySet<number>;
  /** Where the gesture began, and where it is; undefined before the first gesture. */
  readonly anchor: number | undefined;
  readonly head: number | undefined;
  /** Whether the gesture takes its range away from `base`. */
  readonly takesAway: boolean;
}

export interface PressOptions {
  /** Whether the range goes on from the anchor: Shift. */
  readonly extends?: boolean;
  /** Whether earlier cells stay selected, and a selected cell is taken away: Ctrl, Cmd, or a finger. */
  readonly adds?: boolean;
}

export const noSelection: Selection = {
  base: new Set(),
  anchor: undefined,
  head: undefined,
  takesAway: false,
};

/** Begins a gesture at a position, or with `extends` goes on with the last one. */
export function press(selection: Selection, position: number, options: PressOptions = {}): Selection {
  const { anchor = position } = selection;
  const none: ReadonlySet<number> = new Set();
  if (options.extends) {
    return options.adds
      ? { ...selection, anchor, head: position }
      : { base: none, anchor, head: position, takesAway: false };
  }
  if (!options.adds) return { base: none, anchor: position, head: position, takesAway: false };
  const selected = selectedPositions(selection);
  return { base: selected, anchor: position, head: position, takesAway: selected.has(position) };
}

/** Moves the end of the gesture. */
export function drag(selection: Selection, position: number): Selection {
  return selection.anchor === undefined ? selection : { ...selection, head: position };
}

/** Selects these positions, as if by earlier gestures. */
export function select(positions: Iterable<number>): Selection {
  return { ...noSelection, base: new Set(positions) };
}

/** Ascending. */
export function selectedPositions({ base, anchor, head, takesAway }: Selection): ReadonlySet<number> {
  if (anchor === undefined || head === undefined) return base;
  const selected = new Set(base);
  for (let position = Math.min(anchor, head); position <= Math.max(anchor, head); position++) {
    if (takesAway) selected.delete(position);
    else selected.add(position);
  }
  return new Set([...selected].sort((a, b) => a - b));
}

/** Goes from a position to the next one with Shift held: with the gesture that is there, or with a new one. */
export function extendFrom(
  selection: Selection,
  from: number,
  to: number,
  options: Pick<PressOptions, "adds"> = {},
): Selection {
  const begun = selection.head === from ? selection : press(selection, from, options);
  return press(begun, to, { ...options, extends: true });
}
