/**
 * A trace is everything that a generation reported, with its request: it can be saved as JSON lines, replayed
 * and compared. The first line is its header, every other one an event. A line can also have `tokenTexts`, the texts of tokens
 * by their ids, so that a replay needs no tokenizer.
 */
import type { GenerateEvent } from "../engine/events/events.ts";
import type { EngineHandle } from "../engine/handle.ts";
import { type DecodingConfig, decodingConfig } from "../engine/request/readRequest.ts";
import type { GenerateRequest } from "../engine/request/request.ts";

export const traceVersion = 1;

export interface TraceHeader {
  readonly type: "trace";
  readonly version: typeof traceVersion;
  readonly family: string;
  readonly parameters: number;
  readonly device: string;
  readonly request: GenerateRequest;
  /** What it was decoded with, be it by the request, its preset or the model. */
  readonly choices: DecodingConfig;
  /** Tokens that end or pad an answer; absent in traces of earlier versions of unmask. */
  readonly stopTokens?: readonly number[];
}

/** Texts of tokens, by the ids of the tokens. */
export type TokenTexts = ReadonlyMap<number, string>;

export interface Trace {
  readonly header: TraceHeader;
  /** `start` first, `done` last, unless the generation did not come to its end. */
  readonly events: readonly GenerateEvent[];
  /** The texts of tokens, as far as the trace holds them; empty if the model has no tokenizer. */
  readonly texts: TokenTexts;
}

/** @throws DiffusionError `invalid-request` for a preset that there is not */
export function traceHeader({ info }: Pick<EngineHandle, "info">, request: GenerateRequest): TraceHeader {
  const { family, parameters, device, stopTokens } = info;
  return {
    type: "trace",
    version: traceVersion,
    family,
    parameters,
    device,
    request,
    choices: decodingConfig(request, info),
    stopTokens: request.overrides?.stopTokens ?? stopTokens,
  };
}
