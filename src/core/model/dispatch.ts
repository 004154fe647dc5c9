/**
 * Which family reads a config.json: by its architectures, or by its model type where it names none, or by the shape of its
 * fields where it has neither. A model type tells no more than whose configuration class a model borrows.
 */
import { DiffusionError } from "../error.ts";
import { a2dLlama, a2dQwen2, a2dQwen3 } from "./a2d.ts";
import { llama, qwen2, qwen3 } from "./causal.ts";
import { dream } from "./dream.ts";
import { fastDllm } from "./fastDllm.ts";
import { llada } from "./llada.ts";
import { llada2 } from "./llada2.ts";
import { lladaMoe } from "./lladaMoe.ts";
import { type Evidence, type Family, kinds } from "./model.ts";
import { openDcoder } from "./openDcoder.ts";
import { rnd1 } from "./rnd1.ts";
import { sdar, sdarMoe } from "./sdar.ts";
import { stableDiffcoder } from "./stableDiffcoder.ts";

/** Every supported family. Of those that share a name, the first that fits reads the model. */
export const families: readonly Family[] = [
  ...[llada, lladaMoe, llada2, dream, openDcoder, a2dQwen2, a2dQwen3, a2dLlama],
  ...[sdar, sdarMoe, stableDiffcoder, fastDllm, rnd1, qwen2, qwen3, llama],
];

/** @throws DiffusionError `unsupported` if no family reads the configuration */
export function findFamily(evidence: Evidence): Family {
  const { config } = evidence;
  const architectures = config.texts("architectures");
  const type = config.text("model_type", "");
  const known = families.filter((each) =>
    architectures.length > 0
      ? each.architectures.some((name) => architectures.includes(name))
      : each.modelTypes.includes(type),
  );
  const family = known.find(({ fits }) => fits?.(evidence) ?? true);
  if (family) return family;
  const names = kinds(config);
  // A name that no family knows is another model, whatever its fields look like.
  const shaped =
    names.length === 0 || known.length > 0 ? families.find(({ shape }) => shape?.(evidence)) : undefined;
  if (shaped) return shaped;
  const all = families.map(({ name }) => name).join(", ");
  throw new DiffusionError(
    "unsupported",
    `Cannot load the model as its family must be one of ${all}: found ${names.join(", ") || "no architecture"}`,
  );
}
