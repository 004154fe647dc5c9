/** Families that are known and cannot be run, so that the error names the reason and not a tensor. */
import { DiffusionError } from "../error.ts";
import { type Evidence, kinds } from "./model.ts";

interface Unsupported {
  readonly name: string;
  /** Matches an architecture or a model type. */
  readonly kind?: RegExp;
  readonly shape?: (evidence: Evidence) => boolean;
  readonly reason: string;
}

const unsupported: readonly Unsupported[] = [
  {
    name: "a DFlash drafter",
    kind: /dflash/i,
    shape: ({ config }) => config.has("dflash_config"),
    reason: "it drafts for another model and cannot answer alone",
  },
  {
    name: "DiffusionGemma",
    kind: /^diffusion_?gemma/i,
    shape: ({ config }) => config.has("canvas_length"),
    reason: "it has no mask token: its canvas starts from random tokens, which are drawn anew in every step",
  },
  {
    name: "LLaDA2.2",
    shape: ({ config, generation }) =>
      (config.has("expert_capacity") && config.whole("expert_capacity") > 0) ||
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
      "its answers grow and shrink as they are decoded ('expand_token_id', 'delete_token_id'), and here their length is fixed",
  },
  {
    name: "Nemotron-Labs-Diffusion",
    kind: /^nemotron.*diffusion/i,
    reason: "its prompt and finished blocks are causal while the active block is not",
  },
  {
    name: "WeDLM",
    kind: /^wedlm/i,
    reason: "it reorders each window, known tokens first, under a causal mask",
  },
  {
    name: "dhara",
    kind: /^dhara/i,
    reason: "it has convolutions between its layers, whose state is no key or value",
  },
  {
    name: "MDLM, BD3LM or SEDD",
    kind: /^(mdlm|bd3lm|sedd)/i,
    reason: "its body is a diffusion transformer with adaptive layer norms",
  },
  {
    name: "ModernBERT",
    kind: /^modernbert/i,
    reason: "its body is an encoder with layer norms, fused projections and local attention",
  },
];

/** @throws DiffusionError `unsupported` for a known family that cannot be run */
export function refuseUnsupported(evidence: Evidence): void {
  const names = kinds(evidence.config);
  for (const { name, kind, shape, reason } of unsupported) {
    if (!names.some((each) => kind?.test(each)) && !shape?.(evidence)) continue;
    const message = `Cannot load the model as ${name} is not supported, because ${reason}`;
    throw new DiffusionError("unsupported", `${message}: found ${names.join(", ") || "no architecture"}`);
  }
}
