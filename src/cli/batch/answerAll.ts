/** Answers the requests of a batch, several at a time: the engine makes their passes together. */
import { DiffusionError, type DiffusionErrorCode, type Engine, throwIfAborted } from "../../core/index.ts";
import type { BatchItem } from "./items.ts";
import { answered, type BatchResult, failed } from "./results.ts";

export interface AnswerAllOptions {
  /** Requests under way at a time. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Called as results come; the next request of its kind waits for it. */
  readonly onResult: (result: BatchResult) => Promise<void>;
}

/** Errors that end the batch, as no other request would do better. */
const endingCodes: ReadonlySet<DiffusionErrorCode> = new Set(["aborted", "disposed", "device-lost", "io"]);

/** Resolves when nothing runs any more. @throws the first error that ends the batch, an abort among them */
export async function answerAll(
  engine: Engine,
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
        await onResult(await answer(engine, item, either));
      }
    } catch (error) {
      errors.push(error);
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
  if (errors.length > 0) throw errors[0];
}

async function answer(engine: Engine, item: BatchItem, signal: AbortSignal): Promise<BatchResult> {
  const { request } = item;
  if (request instanceof DiffusionError) return failed(item, request);
  try {
    for await (const event of engine.generate(request, { signal })) {
      if (event.type === "done") return answered(item, event);
    }
  } catch (error) {
    if (error instanceof DiffusionError && endingCodes.has(error.code)) throw error;
    return failed(item, error);
  }
  return failed(item, new DiffusionError("internal", "The generation ended without telling so"));
}
