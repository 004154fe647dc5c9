/** Runs requests to their end and keeps what matters of their events. */
import { recordedCache } from "../../src/cli/debug/recordedCache.ts";
import type {
  BlockEvent,
  DoneEvent,
  Engine,
  GenerateRequest,
  StartEvent,
  StepEvent,
} from "../../src/core/index.ts";
import type { TraceRequest } from "./oracleFiles.ts";

export interface Run {
  readonly start: StartEvent;
  readonly blocks: readonly BlockEvent[];
  readonly steps: readonly StepEvent[];
  readonly done: DoneEvent;
}

export async function runToEnd(engine: Engine, request: GenerateRequest): Promise<Run> {
  let start: StartEvent | undefined;
  const steps: StepEvent[] = [];
  const blocks: BlockEvent[] = [];
  for await (const event of engine.generate(request)) {
    if (event.type === "start") start = event;
    if (event.type === "step") steps.push(event);
    if (event.type === "block") blocks.push(event);
    if (event.type === "done") return { start: start!, steps, blocks, done: event };
  }
  throw new Error("The generation ended without 'done'");
}

/** A request of the oracle's as one of ours. */
export function fromTrace(request: TraceRequest): GenerateRequest {
  const { prompt, gen, block, decoder, cache, smoothing, mode, maskBlock, origin } = request;
  const overrides = {
    ...(maskBlock === undefined ? {} : { maskBlock }),
    ...(origin === undefined ? {} : { origin }),
  };
  return {
    tokens: prompt,
    genLength: gen,
    blockLength: block,
    decoder,
    cache: recordedCache(cache, mode),
    smoothing,
    overrides,
  };
}

/** What was committed in each step that saw a mask, positions ascending. */
export function commitsOf(steps: readonly StepEvent[]): (readonly [number, number])[][] {
  return steps
    .filter(({ openCount, prefill }) => openCount > 0 && !prefill)
    .map(({ positions, tokens }) => {
      const pairs = positions.map((position, index) => [position, tokens[index]!] as const);
      return pairs.sort((a, b) => a[0] - b[0]);
    });
}
