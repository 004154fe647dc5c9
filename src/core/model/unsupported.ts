/** Known families that are not supported, so that the error states the reason instead of a missing tensor. */
import { DiffusionError } from "../error.ts";
import { declaredNames, type Evidence } from "./model.ts";

interface Unsupported {
  readonly name: string;
  /** Matches an architecture or a model type. */
  readonly pattern?: RegExp;
  readonly shape?: (evidence: Evidence) => boolean;
  readonly reason: string;
}

const unsupported: readonly Unsupported[] = [
  {
    name: "a DFlash drafter",
    pattern: /dflash/i,
    shape: ({ config }) => config.has("dflash_config"),
    reason: "it drafts for another model and cannot answer alone",
  },
  {
    name: "DiffusionGemma",
    pattern: /^diffusion_?gemma/i,
    shape: ({ config }) => config.has("canvas_length"),
    reason: "it has no mask token: its canvas starts from random tokens, which are resampled in every step",
  },
  {
    name: "LLaDA2.2",
    shape: ({ config, generation }) =>
      (config.has("expert_capacity") && config.nonNegativeInteger("expert_capacity") > 0) ||
      [config, generation].some((file) => file.token("split_token_id") !== undefined),
    reason:
      "its experts are chosen by blocks of tokens ('expert_capacity'), and its answers insert and delete tokens",
  },
  {
    name: "DreamOn",
    shape: ({ config, generation }) =>
      [config, generation].some(
        (file) => file.token("expand_token_id") !== undefined || file.token("delete_token_id") !== undefined,
      ),
    reason:
      "its answers change their length during decoding ('expand_token_id', 'delete_token_id'), and canvases have a fixed length",
  },
  {
    name: "Nemotron-Labs-Diffusion",
    pattern: /^nemotron.*diffusion/i,
    reason: "its prompt and finished blocks are causal while the active block is not",
  },
  {
    name: "WeDLM",
    pattern: /^wedlm/i,
    reason: "it reorders each window, known tokens first, under a causal mask",
  },
  {
    name: "dhara",
    pattern: /^dhara/i,
    reason: "it has convolutions between its layers, and the cache has only keys and values",
  },
  {
    name: "MDLM, BD3LM or SEDD",
    pattern: /^(mdlm|bd3lm|sedd)/i,
    reason: "its body is a diffusion transformer with adaptive layer norms",
  },
  {
    name: "ModernBERT",
    pattern: /^modernbert/i,
    reason: "its body is an encoder with layer norms, fused projections and local attention",
  },
];

/** @throws DiffusionError `unsupported` for a known family that is not supported */
export function refuseUnsupported(evidence: Evidence): void {
  const names = declaredNames(evidence.config);
  for (const { name, pattern, shape, reason } of unsupported) {
    if (!names.some((each) => pattern?.test(each)) && !shape?.(evidence)) continue;
    const message = `Cannot load the model as ${name} is not supported, because ${reason}`;
    throw new DiffusionError("unsupported", `${message}: found ${names.join(", ") || "no architecture"}`);
  }
}
