// Passes over a GGUF file. Runs in Node and in pages.
import { readModelFiles } from "../../dist/core/engine/modelFiles.js";
import { buildPlans, ropeTable } from "../../dist/core/model/index.js";

const sampling = { temperature: 0, topK: 0, topP: 1, seed: 1 };

/**
 * @param backendFactory as engines take it
 * @param source of a model that is causal, or bidirectional if `whole`
 * @param ids of all positions of the context; the last `rows` are computed in a step
 */
export async function openPasses(source, backendFactory, { rows, ids, whole }) {
  const { model, weights } = await readModelFiles(source);
  const context = ids.length;
  const architecture = { ...model.architecture, context };
  const entries = [...weights, ropeTable(context, architecture)];
  const backend = await backendFactory();
  const capacity = { tokens: context, rows: context, positions: context };
  const plans = buildPlans(architecture, entries, capacity, "f32");
  await backend.load(entries, plans);
  await backend.prepare(plans);
  await backend.openSlot({ slot: 0, base: 0, length: context });
  await backend.commit([{ slot: 0, positions: [...ids.keys()], tokens: ids }]);
  const maskBlock = whole ? Infinity : 1;
  const pass = (start, end, wanted, logits) => {
    const span = { slot: 0, start, end, visible: end, maskBlock, origin: 0 };
    const positions = Array.from({ length: wanted }, (_, index) => end - wanted + index);
    const head = { span: 0, positions, shift: 0, maskToken: -1, sampling, step: 0, logits };
    return backend.submit({ spans: [span], head: wanted === 0 ? [] : [head] });
  };
  const first = whole ? 0 : context - rows;
  if (first > 0) await pass(0, first, 0, false);
  return {
    about: `unmask, ${backend.device ?? backend.name}`,
    /** @returns milliseconds of a pass */
    async step() {
      const start = performance.now();
      await pass(first, context, rows, false);
      return performance.now() - start;
    },
    /** @returns the logits of the last `rows` positions, one row behind the other */
    logits: async () => (await pass(first, context, rows, true)).logits,
    dispose: () => backend.dispose(),
  };
}
