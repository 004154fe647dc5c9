/** Logits of the families' reference classes on small random checkpoints. */
import { Engine } from "../../src/core/index.ts";
import type { LogitsFile } from "./oracleFiles.ts";
import { near, type Suite, type Surroundings } from "./suite.ts";

/** The models of the oracle that are supported. */
export const oracleModels = ["llada", "llada-gqa-tied", "llada-moe"] as const;

export function logitsSuite(surroundings: Surroundings): Suite {
  const cases = oracleModels.map((name) => ({
    name,
    run: async () => {
      const file = await surroundings.json<LogitsFile>(`models/${name}/logits.json`);
      const engine = await Engine.load(surroundings.model(name), { backend: surroundings.backend });
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
  return { name: "logits", cases };
}
