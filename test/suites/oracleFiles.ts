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
