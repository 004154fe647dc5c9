/** A position of a run as the cell of a frame. */
import type { Cell, CellState, Guess, Pass, Range } from "./frame.ts";
import {
  type GuessAt,
  guessBy,
  lastBy,
  type PositionRecord,
  standing,
  type Write,
} from "./positionRecord.ts";

/** What a cell shows of a token. */
export interface TokenNames {
  textOf(token: number): string;
  isStopToken(token: number): boolean;
  /** Positions before this one belong to the prompt. */
  readonly promptEnd: number;
}

/** @param pass the pass that leads to the frame, if there is one */
export function cellOf(
  position: number,
  record: PositionRecord,
  {
    frame,
    pass,
    names,
  }: { readonly frame: number; readonly pass: Pass | undefined; readonly names: TokenNames },
): Cell {
  const last = lastBy(record.writes, frame);
  const write = standing(last);
  const isMask = record.isUndecided && !write;
  const token = write?.token ?? record.startToken;
  return {
    position,
    state: stateOf(record, write),
    isPrompt: position < names.promptEnd,
    token,
    text: isMask ? "" : names.textOf(token),
    isControl: !isMask && names.isStopToken(token),
    confidence: write?.confidence,
    writtenAt: write?.frame,
    change: last?.frame === frame ? last.kind : undefined,
    isEdited: write?.kind === "edit",
    guess: isMask ? guessOf(guessBy(record, last, frame), names) : undefined,
    isRecomputed: isIn(position, pass?.window),
    isInBlock: isIn(position, pass?.block),
  };
}

function guessOf(guess: GuessAt | undefined, names: TokenNames): Guess | undefined {
  if (!guess) return undefined;
  const { token, confidence } = guess;
  return { token, text: names.textOf(token), isControl: names.isStopToken(token), confidence };
}

function stateOf({ isUndecided }: PositionRecord, write: Write | undefined): CellState {
  if (write) return write.kind === "fill" ? "filled" : "committed";
  return isUndecided ? "mask" : "given";
}

function isIn(position: number, range: Range | undefined): boolean {
  return range !== undefined && position >= range.start && position < range.end;
}
