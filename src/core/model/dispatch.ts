/**
 * Finds the family of a config.json: by its architectures, else by its model type, else by the shape of its fields. The
 * model type comes second, as a model may use the configuration class of another model.
 */
import { DiffusionError } from "../error.ts";
import { a2dLlama, a2dQwen2, a2dQwen3 } from "./a2d.ts";
import { llama, qwen2, qwen3 } from "./causal.ts";
import { dream } from "./dream.ts";
import { fastDllm } from "./fastDllm.ts";
import { llada } from "./llada.ts";
import { llada2 } from "./llada2.ts";
import { lladaMoe } from "./lladaMoe.ts";
import { declaredNames, type Evidence, type Family } from "./model.ts";
import { openDcoder } from "./openDcoder.ts";
import { rnd1 } from "./rnd1.ts";
import { sdar, sdarMoe } from "./sdar.ts";
import { stableDiffcoder } from "./stableDiffcoder.ts";

/** All supported families. Among families with the same name, the first that fits reads the model. */
export const families: readonly Family[] = [
  llada,
  lladaMoe,
  llada2,
  dream,
  openDcoder,
  a2dQwen2,
  a2dQwen3,
  a2dLlama,
  sdar,
  sdarMoe,
  stableDiffcoder,
  fastDllm,
  rnd1,
  qwen2,
  qwen3,
  llama,
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
  const names = declaredNames(config);
  // A configuration with an unknown name is an unknown model, whatever the shape of its fields.
  const shaped =
    names.length === 0 || known.length > 0 ? families.find(({ shape }) => shape?.(evidence)) : undefined;
  if (shaped) return shaped;
  const all = families.map(({ name }) => name).join(", ");
  throw new DiffusionError(
    "unsupported",
    `Cannot load the model as its family must be one of ${all}: found ${names.join(", ") || "no architecture"}`,
  );
}
