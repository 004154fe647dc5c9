/** Logits of the families' reference classes on small random checkpoints. */
import type { LogitsFile } from "./oracleFiles.ts";
import { loadEngine, near, type Suite, type Surroundings, suiteName } from "./suite.ts";

/** The models of the oracle: one of each body and mask. */
export const oracleModels = [
  ...["llada", "llada-gqa-tied", "llada-moe", "llada2", "dream", "a2d-qwen2-tied", "a2d-qwen3"],
  ...["a2d-qwen3-bd3lm", "sdar", "sdar-moe", "fast-dllm-v2", "rnd1", "qwen3-causal"],
];

export function logitsSuite(surroundings: Surroundings): Suite {
  const cases = oracleModels.map((name) => ({
    name,
    run: async () => {
      const file = await surroundings.json<LogitsFile>(`models/${name}/logits.json`);
      const engine = await loadEngine(surroundings, surroundings.model(name));
      for (const [index, { ids, logits, ...mask }] of file.cases.entries()) {
        const origin = mask.origin === "prompt" ? (mask.promptLength ?? 0) : 0;
        const options = mask.blockLength === undefined ? {} : { maskBlock: mask.blockLength, origin };
        const found = await engine.logits(ids, options);
        for (const [row, expected] of logits.entries())
          near(found[row]!, expected, 2e-4, `case ${index}, row ${row}`);
      }
      await engine.dispose();
    },
  }));
  return { name: suiteName("logits", surroundings), cases };
}
