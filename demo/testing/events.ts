/** Events of small runs, written by hand: for tests of the recording and of the canvas. */
import type { DoneEvent, GenerateEvent, StartEvent, StepEvent } from "../../src/core/index.ts";

export const maskToken = 1;
export const stopToken = 0;

/** Texts of the tokens 0 to 9. */
export const texts = ["<eos>", "<mask>", "Q", "a", "b", "c", " the", "\n", "日本", "z"];

export function startOf(canvas: readonly number[], promptTokens: number): StartEvent {
  return {
    type: "start",
    promptTokens,
    genLength: canvas.length - promptTokens,
    canvas,
    undecided: canvas.flatMap((token, position) => (token === maskToken ? [position] : [])),
    maskToken,
    queuedMs: 0,
  };
}

type Writes = readonly (readonly [position: number, token: number, confidence: number])[];

function writesOf(writes: Writes) {
  return {
    positions: writes.map(([position]) => position),
    tokens: writes.map(([, token]) => token),
    confidences: writes.map(([, , confidence]) => confidence),
  };
}

export interface StepOptions extends Partial<Omit<StepEvent, "type" | "edits" | "guesses">> {
  readonly commits?: Writes;
  readonly edits?: Writes;
  readonly guesses?: Writes;
}

export function stepOf({ commits = [], edits = [], guesses, ...others }: StepOptions): StepEvent {
  return {
    type: "step",
    step: 0,
    window: { start: 0, end: 6 },
    block: { start: 2, end: 6 },
    refresh: false,
    prefill: false,
    openCount: 4,
    ...writesOf(commits),
    texts: commits.map(([, token]) => texts[token]!),
    edits: writesOf(edits),
    ...(guesses && { guesses: writesOf(guesses) }),
    ms: 10,
    ...others,
  };
}

export function doneOf(canvas: readonly number[], tokens: readonly number[]): DoneEvent {
  return {
    type: "done",
    reason: "stop",
    tokens,
    canvas,
    usage: {
      promptTokens: 2,
      completionTokens: tokens.length,
      forwards: 3,
      prefills: 0,
      sharedTokens: 0,
      rows: 64,
      refreshes: 0,
      tokensPerForward: tokens.length / 3,
      queuedMs: 0,
      decodeMs: 30,
      tokensPerSecond: 100,
    },
  };
}

/** "Qa" is asked; "ab" and a stop are answered in three passes, of which the last one edits; the last position is filled. */
export const smallRun: readonly GenerateEvent[] = [
  startOf([2, 3, 1, 1, 1, 1], 2),
  stepOf({
    step: 0,
    commits: [[4, 0, 1]],
    guesses: [
      [2, 5, 0.4],
      [3, 4, 0.6],
      [5, 0, 0.9],
    ],
  }),
  stepOf({
    step: 1,
    commits: [[2, 5, 0.5]],
    guesses: [
      [3, 4, 0.8],
      [5, 0, 0.9],
    ],
    window: { start: 2, end: 6 },
    ms: 20,
  }),
  stepOf({ step: 2, commits: [[3, 4, 0.95]], edits: [[2, 3, 0.99]], window: { start: 2, end: 6 }, ms: 30 }),
  { type: "block", start: 2, end: 6, tokens: [3, 4, 0, 0] },
  doneOf([2, 3, 3, 4, 0, 0], [3, 4]),
];

/** A position is committed beside another one, revoked, guessed again, and committed as another token. */
export const revokingRun: readonly GenerateEvent[] = [
  startOf([2, 1, 1], 1),
  stepOf({
    commits: [
      [1, 3, 0.7],
      [2, 4, 0.9],
    ],
    guesses: [],
  }),
  stepOf({ step: 1, revoked: [1] }),
  stepOf({ step: 2, guesses: [[1, 5, 0.4]] }),
  stepOf({ step: 3, commits: [[1, 5, 0.8]] }),
];
