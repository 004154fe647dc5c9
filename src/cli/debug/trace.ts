/** `unmask debug trace`: records generations step by step, for comparison with other implementations. */
import {
  bind,
  type Choice,
  cachePolicies,
  DiffusionError,
  decoders,
  type Engine,
  type GenerateRequest,
  type ModelOverrides,
} from "../../core/index.ts";
import { concurrently } from "../../core/weights/index.ts";
import type { JsonField } from "./jsonField.ts";
import { recordedCache } from "./recordedCache.ts";

/** The result of a request, in the format of recorded runs. */
export interface TraceResult {
  /** The whole sequence. */
  readonly x: readonly number[];
  /** Commits of each decode step that starts with masks, by position. Prefill passes are not decode steps. */
  readonly steps: readonly (readonly (readonly [position: number, token: number])[])[];
  /** The first computed position of each pass, and the number of computed positions. */
  readonly passes: readonly (readonly [start: number, count: number])[];
  readonly forwards: number;
  readonly refreshes: number;
}

/** Concurrent requests share passes. */
const maxConcurrentRequests = 8;

/**
 * Reads the requests of a file `{mask, eos, requests}`, or `{mask, eos, traces: [{request}]}`.
 * @throws DiffusionError `invalid-file`, `invalid-request` for an unknown decoder or cache
 */
export function readTraceRequests(file: JsonField): readonly GenerateRequest[] {
  const tokens = {
    ...(file.get("mask").absent ? {} : { maskToken: file.get("mask").integer(0) }),
    ...(file.get("eos").absent ? {} : { stopTokens: file.get("eos").tokenOrTokens() }),
  };
  const traces = file.get("traces");
  const fields = traces.absent
    ? file.get("requests").list()
    : traces.list().map((trace) => trace.get("request"));
  return fields.map((field, index) => inRequest(index, () => readRequest(field, tokens)));
}

function readRequest(field: JsonField, tokens: ModelOverrides): GenerateRequest {
  const maskBlock = field.get("maskBlock");
  const origin = field.get("origin");
  const mode = field.get("mode");
  const smoothing = field.get("smoothing");
  const decoder = readChoice(field.get("decoder"));
  const cache = readChoice(field.get("cache"));
  bind("decoder", decoders, decoder);
  bind("cache", cachePolicies, cache);
  const recorded = mode.absent ? "default" : mode.oneOf("default", "reference");
  return {
    tokens: field.get("prompt").tokens(),
    genLength: field.get("gen").integer(1),
    blockLength: field.get("block").integer(1),
    decoder,
    cache: recordedCache(cache, recorded),
    smoothing: smoothing.absent ? null : smoothing.object(),
    overrides: {
      ...tokens,
      ...(maskBlock.absent ? {} : { maskBlock: maskBlock.integer(1) }),
      ...(origin.absent ? {} : { origin: origin.oneOf("zero", "prompt") }),
    },
  };
}

function readChoice(field: JsonField): Choice {
  return { ...field.object(), name: field.get("name").text() };
}

/** Runs the requests, several at a time. Returns the results in the order of the requests. */
export async function traceAll(
  engine: Engine,
  requests: readonly GenerateRequest[],
  options: { readonly signal: AbortSignal; readonly onDone: (count: number) => void },
): Promise<readonly TraceResult[]> {
  let count = 0;
  const numbered = requests.map((request, index) => ({ request, index }));
  return concurrently(numbered, maxConcurrentRequests, async ({ request, index }) => {
    const result = await inRequest(index, () => trace(engine, request, options.signal));
    options.onDone(++count);
    return result;
  });
}

async function trace(engine: Engine, request: GenerateRequest, signal: AbortSignal): Promise<TraceResult> {
  const steps: [number, number][][] = [];
  const passes: [number, number][] = [];
  for await (const event of engine.generate(request, { signal })) {
    if (event.type === "step") {
      const { window, openCount, prefill, positions, tokens } = event;
      passes.push([window.start, window.end - window.start]);
      if (prefill || openCount === 0) continue;
      const commits = positions.map((position, i): [number, number] => [position, tokens[i]!]);
      steps.push(commits.sort(([a], [b]) => a - b));
    } else if (event.type === "done") {
      const { forwards, refreshes } = event.usage;
      return { x: event.canvas, steps, passes, forwards, refreshes };
    }
  }
  throw new DiffusionError("internal", "The generation ended without a 'done' event");
}

/** Runs `use`. Prefixes the messages of its errors with the index of the request. */
function inRequest<T>(index: number, use: () => T): T {
  const prefix = (error: unknown): never => {
    if (!(error instanceof DiffusionError) || error.code === "aborted" || error.code === "invalid-file")
      throw error;
    throw new DiffusionError(error.code, `requests[${index}]: ${error.message}`, { cause: error });
  };
  try {
    const result = use();
    return result instanceof Promise ? (result.catch(prefix) as T) : result;
  } catch (error) {
    return prefix(error);
  }
}
