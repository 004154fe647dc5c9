/**
 * Block-causal bodies: one pass over a sequence, and several passes over whole blocks with the earlier blocks in the cache,
 * give the same logits bit for bit.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { openBackend } from "../../src/core/engine/backend/openBackend.ts";
import { readModelFiles } from "../../src/core/engine/modelFiles.ts";
import { buildPlans, ropeTable } from "../../src/core/model/index.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

const maxLength = 40;

test.each([
  ["llada2", "f32"],
  ["sdar", "f32"],
  ["sdar", "f16"],
] as const)("%s with a cache of %s", async (name, cache) => {
  const { model, weights } = await readModelFiles(cpuSurroundings.model(name));
  const { architecture: a, maskBlock } = model;
  const capacity = { tokens: maxLength, rows: maxLength, positions: 2 * maxLength };
  const plans = buildPlans(a, weights, capacity, cache);
  const rope = ropeTable(a.context, a);
  const backend = await openBackend({
    factory: cpu(),
    weights: [...weights, rope],
    sizes: { context: maxLength, capacity, cacheDType: cache, plans },
  });

  /** Logits of all positions, in passes that begin at `starts`. */
  const logits = async (slot: number, ids: readonly number[], starts: readonly number[]) => {
    await backend.openSlot({ slot, base: slot * maxLength, length: ids.length });
    await backend.commit([{ slot, positions: [...ids.keys()], tokens: ids }]);
    const rows: number[] = [];
    for (const [index, start] of starts.entries()) {
      const end = starts[index + 1] ?? ids.length;
      const positions = Array.from({ length: end - start }, (_, i) => start + i);
      const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
      const head = { span: 0, positions, shift: 0, maskToken: -1, sampling, step: 0, logits: true } as const;
      const span = { slot, start, end, visible: end, maskBlock, origin: 0 };
      const { logits } = await backend.submit({ spans: [span], head: [head] });
      rows.push(...logits!);
    }
    await backend.closeSlot(slot);
    return rows;
  };

  const sequence = fc
    .array(fc.integer({ min: 0, max: a.vocabulary - 1 }), { minLength: maskBlock + 1, maxLength: maxLength })
    .chain((ids) => {
      const lines = Array.from(
        { length: Math.ceil(ids.length / maskBlock) - 1 },
        (_, i) => (i + 1) * maskBlock,
      );
      return fc.record({ ids: fc.constant(ids), starts: fc.subarray(lines, { minLength: 1 }) });
    });
  const same = async ({ ids, starts }: { ids: number[]; starts: number[] }) => {
    expect(await logits(1, ids, [0, ...starts])).toEqual(await logits(0, ids, [0]));
  };
  await fc.assert(fc.asyncProperty(sequence, same), { numRuns: 100, seed: 11 });
  await backend.dispose();
});
