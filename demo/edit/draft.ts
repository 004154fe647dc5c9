/** An answer under a person's hands: tokens that the next run keeps, tokens typed in, and masks that the next run fills. */
import type { Cell, Frame } from "../run/index.ts";

export interface NamedToken {
  readonly token: number;
  readonly text: string;
}

/** A position of a draft. `kept` and `typed` tokens are pinned in the next run, a `mask` is open. */
export type DraftCell =
  | { readonly kind: "kept"; readonly cell: Cell }
  | { readonly kind: "typed"; readonly token: NamedToken }
  | { readonly kind: "mask" };

export interface Draft {
  /** The cells before the answer. */
  readonly prompt: readonly Cell[];
  readonly maskToken: number;
  readonly cells: readonly DraftCell[];
}

/** What an edit makes of a draft. */
export interface Edit {
  readonly draft: Draft;
  /** The positions that stand in place of the selected ones. */
  readonly positions: ReadonlySet<number>;
}

const mask: DraftCell = { kind: "mask" };

/** The answer as it stands in a frame: what is decided is kept, and masks stay open. */
export function draftOf({ cells }: Pick<Frame, "cells">, maskToken: number): Draft {
  return {
    maskToken,
    prompt: cells.filter(({ isPrompt }) => isPrompt),
    cells: cells
      .filter(({ isPrompt }) => !isPrompt)
      .map((cell) => (cell.state === "mask" ? mask : { kind: "kept", cell })),
  };
}

/** Opens the selected positions. */
export function maskCells(draft: Draft, selected: ReadonlySet<number>): Edit {
  return replaceRuns(draft, selected, (run) => run.map(() => mask));
}

/** Puts tokens in place of each run of selected positions: the answer becomes longer or shorter where their numbers differ. */
export function pinTokens(draft: Draft, selected: ReadonlySet<number>, tokens: readonly NamedToken[]): Edit {
  return replaceRuns(draft, selected, () => tokens.map((token) => ({ kind: "typed", token })));
}

/** Inserts a mask behind each run of selected positions. */
export function insertMasks(draft: Draft, selected: ReadonlySet<number>): Edit {
  return replaceRuns(draft, selected, (run) => [...run, mask]);
}

/** Takes the selected positions out of the answer. */
export function removeCells(draft: Draft, selected: ReadonlySet<number>): Edit {
  return replaceRuns(draft, selected, () => []);
}

/** @param replace what stands in place of neighbouring cells that are selected */
function replaceRuns(
  { cells, ...rest }: Draft,
  selected: ReadonlySet<number>,
  replace: (run: readonly DraftCell[]) => readonly DraftCell[],
): Edit {
  const next: DraftCell[] = [];
  const positions = new Set<number>();
  const isSelected = (index: number) => selected.has(rest.prompt.length + index);
  for (let index = 0; index < cells.length; ) {
    if (!isSelected(index)) {
      next.push(cells[index++]!);
      continue;
    }
    const start = index;
    while (index < cells.length && isSelected(index)) index++;
    for (const cell of replace(cells.slice(start, index))) {
      positions.add(rest.prompt.length + next.length);
      next.push(cell);
    }
  }
  return { draft: { ...rest, cells: next }, positions };
}

/** How many positions of each kind a draft has. */
export function countKinds({ cells }: Draft): Readonly<Record<DraftCell["kind"], number>> {
  const counts = { kept: 0, typed: 0, mask: 0 };
  for (const { kind } of cells) counts[kind]++;
  return counts;
}
