/** Answers the requests of a batch, several at a time: the engine makes their passes together. */
import { DiffusionError, type DiffusionErrorCode, type Engine, throwIfAborted } from "../../core/index.ts";
import { type Api, apiFailure } from "./api.ts";
import type { ApiItem, BatchItem, EngineItem } from "./items.ts";
import { answered, answeredCall, type BatchResult, failed } from "./results.ts";

export interface AnswerAllOptions {
  /** Requests under way at a time. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Called as results come; the next request of its kind waits for it. */
  readonly onResult: (item: BatchItem, result: BatchResult) => Promise<void>;
}

/** What answers: the engine, and the API over it. */
export interface Answerer {
  readonly engine: Engine;
  readonly api: Api;
}

/** Errors that end the batch, as no other request would do better. */
const endingCodes: ReadonlySet<DiffusionErrorCode> = new Set(["aborted", "disposed", "device-lost", "io"]);

/** Resolves when nothing runs any more. @throws the first error that ends the batch, an abort among them */
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
  throw new DiffusionError("internal", "The generation ended without telling so");
}

async function answerCall({ api }: Answerer, item: ApiItem, signal: AbortSignal): Promise<BatchResult> {
  if (item.request instanceof DiffusionError) throw item.request;
  const response = await api(item.request, signal);
  const failure = apiFailure(response);
  if (failure && endingCodes.has(failure.code)) throw new DiffusionError(failure.code, failure.message);
  return answeredCall(item, response);
}
