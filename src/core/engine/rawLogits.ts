/** Raw logits, for comparisons with other implementations. */
import { bug, DiffusionError, found } from "../error.ts";
import type { Model } from "../model/index.ts";
import type { Scheduler } from "./schedule/scheduler.ts";

/** The attention mask of raw logits: the width of its blocks, and a position at which a block starts. */
export interface LogitsOptions {
  readonly maskBlock?: number;
  readonly origin?: number;
}

/**
 * Checks the arguments of `Engine.logits`, which may come from another process.
 * @throws DiffusionError `invalid-request`
 */
export function requireLogitsInput(ids: readonly number[], { maskBlock, origin }: LogitsOptions): void {
  const fail = (rule: string, value: unknown) =>
    new DiffusionError("invalid-request", `Cannot compute logits as ${rule}: found ${found(value)}`);
  const isIndex = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!Array.isArray(ids) || ids.length === 0 || !ids.every(isIndex)) {
    throw fail("'ids' must be a list of at least one token id", ids);
  }
  if (maskBlock !== undefined && maskBlock !== Infinity && !(isIndex(maskBlock) && maskBlock > 0)) {
    throw fail("'maskBlock' must be a positive integer or Infinity", maskBlock);
  }
  if (origin !== undefined && !isIndex(origin)) throw fail("'origin' must be a position", origin);
}

/** Computes the logits of every position of a sequence in one pass. Returns one row of `vocabulary` numbers per position. */
export function rawLogits(
  scheduler: Scheduler,
  model: Model,
  ids: readonly number[],
  { maskBlock = model.maskBlock, origin = 0 }: LogitsOptions,
): Promise<readonly Float32Array[]> {
  const { vocabulary } = model.architecture;
  return scheduler.runExclusive(ids.length, async (backend, slot) => {
    const positions = [...ids.keys()];
    await backend.commit([{ slot, positions, tokens: ids }]);
    const span = { slot, start: 0, end: ids.length, visible: ids.length, maskBlock, origin };
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    const head = { span: 0, positions, shift: 0, maskToken: -1, sampling, step: 0, logits: true };
    const { logits } = await backend.submit({ spans: [span], head: [head] });
    if (!logits) throw bug("The backend returned no logits although the head request wants them");
    return positions.map((row) => logits.slice(row * vocabulary, (row + 1) * vocabulary));
  });
}
