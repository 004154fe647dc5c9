/** Answers the requests of a batch, several at a time, so that they share passes of the engine. */
import { DiffusionError, type DiffusionErrorCode, type Engine, throwIfAborted } from "../../core/index.ts";
import { type Api, apiFailure } from "./api.ts";
import type { ApiItem, BatchItem, EngineItem } from "./items.ts";
import { answered, answeredCall, type BatchResult, failed } from "./results.ts";

export interface AnswerAllOptions {
  /** Number of concurrent requests. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Called with each result. The worker starts its next request once the promise resolves. */
  readonly onResult: (item: BatchItem, result: BatchResult) => Promise<void>;
}

/** The engine, and the HTTP API on top of it. */
export interface Answerer {
  readonly engine: Engine;
  readonly api: Api;
}

/** Errors that end the batch, as every other request would fail too. */
const endingCodes: ReadonlySet<DiffusionErrorCode> = new Set(["aborted", "disposed", "device-lost", "io"]);

/** Resolves when all requests have ended. @throws the first error that ends the batch, including an abort */
export async function answerAll(
  answerer: Answerer,
  items: readonly BatchItem[],
  { concurrency, signal, onResult }: AnswerAllOptions,
): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const waiting = items[Symbol.iterator]();
  const errors: unknown[] = [];
  const work = async () => {
    try {
      for (const item of waiting) {
        throwIfAborted(either, "answer the batch");
        await onResult(item, await answer(answerer, item, either));
      }
    } catch (error) {
      errors.push(error);
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
  if (errors.length > 0) throw errors[0];
}

async function answer(answerer: Answerer, item: BatchItem, signal: AbortSignal): Promise<BatchResult> {
  try {
    return await (item.form === "api"
      ? answerCall(answerer, item, signal)
      : generate(answerer, item, signal));
  } catch (error) {
    if (error instanceof DiffusionError && endingCodes.has(error.code)) throw error;
    return failed(item, error);
  }
}

async function generate({ engine }: Answerer, item: EngineItem, signal: AbortSignal): Promise<BatchResult> {
  if (item.request instanceof DiffusionError) throw item.request;
  for await (const event of engine.generate(item.request, { signal })) {
    if (event.type === "done") return answered(item, event);
  }
  throw new DiffusionError("internal", "The generation ended without a 'done' event");
}

async function answerCall({ api }: Answerer, item: ApiItem, signal: AbortSignal): Promise<BatchResult> {
  if (item.request instanceof DiffusionError) throw item.request;
  const response = await api(item.request, signal);
  const failure = apiFailure(response);
  if (failure && endingCodes.has(failure.code)) throw new DiffusionError(failure.code, failure.message);
  return answeredCall(item, response);
}
