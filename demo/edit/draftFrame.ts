/** A draft as a frame, so that it is laid out and drawn as a run is. */
import type { Cell, Frame } from "../run/index.ts";
import type { Draft, DraftCell } from "./draft.ts";

/** @param index the index of the frame that the draft began with: ages of tokens are counted from there */
export function draftFrame({ prompt, cells, maskToken }: Draft, index: number): Frame {
  return {
    index,
    pass: undefined,
    cells: [...prompt, ...cells.map((cell, at) => cellOf(cell, prompt.length + at, maskToken))],
  };
}

const blank = {
  isPrompt: false,
  isControl: false,
  confidence: undefined,
  writtenAt: undefined,
  change: undefined,
  isEdited: false,
  guess: undefined,
  isRecomputed: false,
  isInBlock: false,
} as const;

function cellOf(cell: DraftCell, position: number, maskToken: number): Cell {
  switch (cell.kind) {
    case "kept":
      return { ...cell.cell, position, change: undefined, isRecomputed: false, isInBlock: false };
    case "typed":
      return { ...blank, ...cell.token, position, state: "given" };
    case "mask":
      return { ...blank, position, state: "mask", token: maskToken, text: "" };
  }
}
