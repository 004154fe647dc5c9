/** Where two ways of decoding the same request part, and what each of them cost. */
import type { DoneEvent, StepEvent, Usage } from "../engine/events/events.ts";
import type { Trace } from "./trace.ts";

/** A token at a position: when it was committed, and how sure the model was. */
export interface TokenPlacement {
  readonly token: number;
  readonly text: string | undefined;
  /** The decode step that wrote the token; undefined for a token that was filled in behind a stop. */
  readonly step: number | undefined;
  readonly confidence: number | undefined;
}
export interface PositionDifference {
  readonly position: number;
  readonly left: TokenPlacement;
  readonly right: TokenPlacement;
}

export interface TraceComparison {
  /** Whether both started from the same canvas; if not, positions are not comparable and nothing else is set. */
  readonly sameStart: boolean;
  /** The first decode step that did not write the same tokens to the same positions; undefined if all did. */
  readonly firstStep: number | undefined;
  /** Positions whose tokens differ in the end, ascending. */
  readonly differences: readonly PositionDifference[];
  readonly left: TraceSummary;
  readonly right: TraceSummary;
}

export interface TraceSummary {
  readonly text: string | undefined;
  readonly usage: Usage | undefined;
}

export function compareTraces(left: Trace, right: Trace): TraceComparison {
  const summaries = { left: summary(left), right: summary(right) };
  const sameStart = equal(canvasOf(left), canvasOf(right));
  if (!sameStart) return { sameStart, firstStep: undefined, differences: [], ...summaries };
  const steps = [stepsOf(left), stepsOf(right)] as const;
  const count = Math.max(steps[0].length, steps[1].length);
  const parted = [...Array(count).keys()].find(
    (step) => !equal(commits(steps[0][step]), commits(steps[1][step])),
  );
  const ends = [endOf(left), endOf(right)] as const;
  const differences = ends[0].flatMap((token, position): PositionDifference[] => {
    const other = ends[1][position];
    if (other === undefined || other === token) return [];
    return [
      {
        position,
        left: placement(left, steps[0], position, token),
        right: placement(right, steps[1], position, other),
      },
    ];
  });
  return { sameStart, firstStep: parted, differences, ...summaries };
}

function equal(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/** Prompt and answer as they start, -1 where undecided: models mask with different tokens, and round blocks up behind the answer. */
function canvasOf({ events }: Trace): readonly number[] {
  const [start] = events;
  if (start?.type !== "start") return [];
  const { canvas, promptTokens, genLength } = start;
  const undecided = new Set(start.undecided);
  return canvas
    .slice(0, promptTokens + genLength)
    .map((token, position) => (undecided.has(position) ? -1 : token));
}

/** The steps that decoded something or wrote over something, in order. */
function stepsOf({ events }: Trace): readonly StepEvent[] {
  return events
    .filter((event) => event.type === "step")
    .filter(({ prefill, openCount, edits }) => !prefill && (openCount > 0 || edits.positions.length > 0));
}

function doneOf({ events }: Trace): DoneEvent | undefined {
  const last = events.at(-1);
  return last?.type === "done" ? last : undefined;
}

function endOf(trace: Trace): readonly number[] {
  return doneOf(trace)?.canvas ?? [];
}

function summary(trace: Trace): TraceSummary {
  const done = doneOf(trace);
  return { text: done?.text, usage: done?.usage };
}

/** What a step committed, wrote over and took back, as texts that compare: position and token (-1 for none), ascending. */
function commits(step: StepEvent | undefined): readonly string[] {
  if (!step) return [];
  const pairs = [step, step.edits].flatMap(({ positions, tokens }) =>
    positions.map((position, index) => ({ position, token: tokens[index] })),
  );
  for (const position of step.revoked ?? []) pairs.push({ position, token: -1 });
  return pairs.sort((a, b) => a.position - b.position).map(({ position, token }) => `${position}:${token}`);
}

/** The last step that wrote the token to the position. */
function placement(
  { texts }: Trace,
  steps: readonly StepEvent[],
  position: number,
  token: number,
): TokenPlacement {
  const text = texts.get(token);
  for (const [index, step] of [...steps.entries()].reverse()) {
    for (const { positions, tokens, confidences } of [step, step.edits]) {
      const at = positions.indexOf(position);
      if (at >= 0 && tokens[at] === token) return { token, text, step: index, confidence: confidences[at] };
    }
  }
  return { token, text, step: undefined, confidence: undefined };
}
