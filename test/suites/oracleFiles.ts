/** The shapes of the files in test/fixtures/oracle. */
import type { RecordedMode } from "../../src/cli/debug/recordedCache.ts";
import type { Choice } from "../../src/core/index.ts";

export interface TraceRequest {
  readonly prompt: readonly number[];
  readonly gen: number;
  readonly block: number;
  readonly decoder: Choice;
  readonly cache: Choice;
  readonly smoothing: Readonly<Record<string, number>> | null;
  readonly mode: RecordedMode;
  readonly maskBlock?: number;
  readonly origin?: "zero" | "prompt";
}
export interface Trace {
  readonly config: string;
  readonly request: TraceRequest;
  readonly x: readonly number[];
  readonly steps: readonly (readonly (readonly [number, number])[])[];
  /** Start and length of each; the block-causal ones come without. */
  readonly passes?: readonly (readonly [number, number])[];
  readonly forwards: number;
  readonly refreshes: number;
}
export interface TraceFile {
  readonly mask: number;
  readonly eos: number;
  readonly traces: readonly Trace[];
}
export interface LogitsFile {
  readonly cases: readonly {
    readonly ids: readonly number[];
    readonly logits: readonly (readonly number[])[];
    readonly blockLength?: number;
    readonly origin?: "zero" | "prompt";
    readonly promptLength?: number;
  }[];
}

/** Which traces are run, of all those of one configuration. */
export type Choose = <T extends Trace>(traces: readonly T[]) => readonly T[];

export const everyTrace: Choose = (traces) => traces;

/** The one that costs least but so many, of those that take a few steps: with one or two a cache has nothing to do. */
export function cheap(rank: number): Choose {
  return (traces) =>
    traces
      .filter(({ steps }) => steps.length >= 3)
      .sort((a, b) => cost(a) - cost(b))
      .slice(rank, rank + 1);
}

/** Chosen traces of every configuration. */
export function chosen(traces: readonly Trace[], choose: Choose): readonly Trace[] {
  const configurations = new Set(traces.map(({ config }) => config));
  return [...configurations].flatMap((name) => choose(traces.filter(({ config }) => config === name)));
}

/** Positions computed; block traces do not list their passes. */
function cost({ passes, steps, request }: Trace): number {
  if (!passes) return steps.length * (request.prompt.length + request.gen);
  return passes.reduce((sum, [, length]) => sum + length, 0);
}
