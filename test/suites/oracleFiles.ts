/** The shapes of the files in test/fixtures/oracle. */
import type { Choice } from "../../src/core/index.ts";

export interface TraceRequest {
  readonly prompt: readonly number[];
  readonly gen: number;
  readonly block: number;
  readonly decoder: Choice;
  readonly cache: Choice;
  readonly smoothing: Readonly<Record<string, number>> | null;
  readonly mode: "default" | "reference";
  readonly maskBlock?: number;
  readonly origin?: "zero" | "prompt";
}
export interface Trace {
  readonly config: string;
  readonly request: TraceRequest;
  readonly x: readonly number[];
  readonly steps: readonly (readonly (readonly [number, number])[])[];
  readonly passes: readonly (readonly [number, number])[];
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

/** Traces by their index among those of the same configuration. */
export function ofEachConfiguration<T extends { readonly config: string }>(
  traces: readonly T[],
  select: (index: number) => boolean,
): readonly T[] {
  const seen = new Map<string, number>();
  return traces.filter(({ config }) => {
    const index = seen.get(config) ?? 0;
    seen.set(config, index + 1);
    return select(index);
  });
}
