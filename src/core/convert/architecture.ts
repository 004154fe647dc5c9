/** The architecture of llama.cpp that has a model's body. */
import { DiffusionError } from "../error.ts";
import type { Model } from "../model/index.ts";

/** Families with an architecture of their own. Open-dCoder computes as Dream does. */
const ofFamily: Readonly<Record<string, string>> = {
  LLaDA: "llada",
  "LLaDA-MoE": "llada-moe",
  Dream: "dream",
  "Open-dCoder": "dream",
  RND1: "rnd1",
};

/** @throws DiffusionError `unsupported` for a body that no architecture of llama.cpp has */
export function llamaCppArchitecture({ family, architecture, familyNames }: Model): string {
  const { feedForward, qkvBias, queryKeyNorm, headDimension, rotaryDimension } = architecture;
  const kinds = new Set(feedForward.map(({ kind }) => kind));
  const experts = feedForward.flatMap((layer) => (layer.kind === "experts" ? [layer] : []));
  const special = experts.some(({ bias, routing }) => {
    return (
      bias || routing.shared > 0 || routing.score !== "softmax" || routing.groups > 1 || routing.scale !== 1
    );
  });
  const fusedQkv = familyNames.layer(0).qkv !== undefined;
  if (kinds.size === 1 && !special && !fusedQkv && rotaryDimension === headDimension) {
    const own = ofFamily[family];
    if (own !== undefined) return own;
    if (experts.length > 0) {
      if (queryKeyNorm && experts.every(({ routing }) => routing.normalize)) return "qwen3moe";
    } else if (qkvBias !== queryKeyNorm) return qkvBias ? "qwen2" : "qwen3";
    else if (!qkvBias) return "llama";
  }
  throw new DiffusionError(
    "unsupported",
    `Cannot convert the model to GGUF as llama.cpp has no architecture with its body ("--to safetensors" can quantize it): found ${family}`,
  );
}
