/**
 * The samplers in the published code of model families. Each entry translates the sampler's parameters to a request, and
 * names the part of the sequence that the sampler returns.
 */
import type { GenerateRequest, ModelOverrides } from "../../core/index.ts";
import type { JsonField } from "./jsonField.ts";

/** A request without its prompt. `overrides` has the attention mask's geometry, which some samplers set. */
type Settings = Omit<GenerateRequest, "tokens" | "overrides"> & {
  readonly overrides?: Pick<ModelOverrides, "maskBlock" | "origin">;
};

export interface OfficialSampler {
  /**
   * The request that decodes as the sampler does.
   * @param params parameters of the published sampler
   * @param promptLength number of prompt tokens
   */
  settings(params: JsonField, promptLength: number): Settings;
  /** What the sampler returns: prompt and answer, or the answer. */
  readonly returns: "sequence" | "answer";
  /** Where the result ends: at the canvas's end, at the last decoded block's end, or after the first stop token. */
  readonly until: "end" | "block" | "stop";
}

/** The value of a parameter, or its default. */
function optional<T>(field: JsonField, read: (field: JsonField) => T, defaultValue: T): T {
  return field.absent ? defaultValue : read(field);
}
const integer = (field: JsonField) => field.integer(0);
const number = (field: JsonField) => field.number();
const flag = (field: JsonField) => field.flag();

/** generate.py of LLaDA: `steps` are divided among the blocks. */
const llada: OfficialSampler = {
  settings: (params) => {
    params.only("sampler", "remasking", "temperature", "steps", "gen_length", "block_length", "cfg_scale");
    const genLength = params.get("gen_length").integer(1);
    const blockLength = params.get("block_length").integer(1);
    const steps = Math.floor(params.get("steps").integer(1) / Math.ceil(genLength / blockLength));
    const remasking = params.get("remasking").oneOf("low_confidence", "random");
    return {
      genLength,
      blockLength,
      earlyStop: false,
      cache: { name: "none" },
      // With guidance, many probabilities round to exactly 1, and the order of ties determines the result.
      decoder: remasking === "random" ? { name: "random", steps } : { name: "fixed", steps, ties: "torch" },
      temperature: params.get("temperature").number(),
      cfgScale: optional(params.get("cfg_scale"), number, 0),
    };
  },
  returns: "answer",
  until: "end",
};

/** generate of LLaDA2.0. `minimal_topk` only limits the number of steps. */
const llada2: OfficialSampler = {
  settings: (params) => {
    params.only("sampler", "temperature", "block_length", "steps", "gen_length", "threshold", "minimal_topk");
    const genLength = params.get("gen_length").integer(1);
    const maxSteps = Math.floor(genLength / optional(params.get("minimal_topk"), integer, 1));
    const steps = Math.min(params.get("steps").integer(1), maxSteps);
    const blockLength = params.get("block_length").integer(1);
    return {
      genLength,
      blockLength,
      overrides: { maskBlock: blockLength },
      decoder: { name: "quota", steps, threshold: params.get("threshold").number() },
      temperature: params.get("temperature").number(),
      confidenceFrom: "sampling",
    };
  },
  returns: "answer",
  until: "stop",
};

/** generate of LLaDA2.1. `steps` has no effect. */
const llada21: OfficialSampler = {
  settings: (params) => {
    params.only(
      "sampler",
      "temperature",
      "block_length",
      "steps",
      "gen_length",
      "threshold",
      "editing_threshold",
      "max_post_steps",
    );
    const blockLength = params.get("block_length").integer(1);
    return {
      blockLength,
      overrides: { maskBlock: blockLength },
      genLength: params.get("gen_length").integer(1),
      decoder: {
        name: "edit",
        threshold: params.get("threshold").number(),
        edit: params.get("editing_threshold").number(),
        postSteps: params.get("max_post_steps").integer(0),
      },
      temperature: params.get("temperature").number(),
      confidenceFrom: "sampling",
    };
  },
  returns: "answer",
  until: "stop",
};

/** diffusion_generate of Dream: the answer is one block. */
const dream: OfficialSampler = {
  settings: (params) => {
    params.only(
      "sampler",
      "eps",
      "steps",
      "max_new_tokens",
      "alg",
      "alg_temp",
      "temperature",
      "top_p",
      "top_k",
    );
    const genLength = params.get("max_new_tokens").integer(1);
    const alg = params.get("alg").oneOf("maskgit_plus", "topk_margin", "entropy");
    const orders = { maskgit_plus: "probability", topk_margin: "margin", entropy: "entropy" } as const;
    return {
      genLength,
      blockLength: genLength,
      earlyStop: false,
      cache: { name: "none" },
      decoder: {
        name: "dreamSchedule",
        order: orders[alg],
        steps: params.get("steps").integer(1),
        eps: params.get("eps").number(),
        algTemperature: optional(params.get("alg_temp"), number, 0),
      },
      temperature: params.get("temperature").number(),
      topP: optional(params.get("top_p"), number, 1),
      topK: optional(params.get("top_k"), integer, 0),
      confidenceFrom: "sampling",
    };
  },
  returns: "answer",
  until: "end",
};

/** block_diffusion_generate of SDAR. The token is the arg max; the temperature only affects the confidence. */
const sdar: OfficialSampler = {
  settings: (params, promptLength) => {
    params.only(
      "sampler",
      "gen_length",
      "block_length",
      "denoising_steps",
      "temperature",
      "top_k",
      "top_p",
      "remasking_strategy",
      "confidence_threshold",
    );
    const blockLength = params.get("block_length").integer(1);
    const blocks = Math.ceil((promptLength + params.get("gen_length").integer(1)) / blockLength);
    const strategy = params
      .get("remasking_strategy")
      .oneOf("low_confidence_dynamic", "low_confidence_static", "sequential");
    return {
      genLength: blocks * blockLength - promptLength,
      blockLength,
      earlyStop: false,
      overrides: { maskBlock: blockLength },
      decoder: {
        name: "quota",
        steps: params.get("denoising_steps").integer(1),
        order: strategy === "sequential" ? "position" : "probability",
        threshold: strategy === "low_confidence_dynamic" ? params.get("confidence_threshold").number() : null,
      },
      temperature: params.get("temperature").number(),
      greedy: true,
      confidenceFrom: "sampling",
      topK: optional(params.get("top_k"), integer, 0),
      topP: optional(params.get("top_p"), number, 1),
    };
  },
  returns: "sequence",
  until: "end",
};

/** generate of Fast-dLLM v2: the blocks that fit in `max_new_tokens`, and one token after the last block. */
const fastDllm: OfficialSampler = {
  settings: (params, promptLength) => {
    params.only(
      "sampler",
      "max_new_tokens",
      "block_size",
      "temperature",
      "threshold",
      "small_block_size",
      "use_block_cache",
    );
    const blockLength = params.get("block_size").integer(1);
    const blocks = Math.floor(params.get("max_new_tokens").integer(1) / blockLength);
    const blocksInSequence = Math.floor(promptLength / blockLength) + blocks;
    return {
      genLength: blocksInSequence * blockLength + 1 - promptLength,
      blockLength,
      overrides: { maskBlock: blockLength },
      subBlockLength: params.get("small_block_size").integer(1),
      decoder: { name: "thresholdTopN", threshold: params.get("threshold").number(), minimum: 1 },
      cache: { name: optional(params.get("use_block_cache"), flag, false) ? "subBlock" : "block" },
      temperature: params.get("temperature").number(),
    };
  },
  returns: "answer",
  until: "stop",
};

/** diffusion_sample of RND1: the answer is one block. Its last position holds a fixed token from the start. */
const rnd1: OfficialSampler = {
  settings: (params) => {
    params.only(
      "sampler",
      "max_new_tokens",
      "greedy",
      "num_diffusion_steps",
      "temperature",
      "eb_gamma",
      "add_eos_at_end",
    );
    const genLength = params.get("max_new_tokens").integer(1);
    const steps = params.get("num_diffusion_steps").integer(1);
    const gamma = params.get("eb_gamma");
    return {
      genLength,
      blockLength: genLength,
      earlyStop: false,
      cache: { name: "none" },
      decoder: gamma.absent
        ? { name: "linearSchedule", steps, order: "entropy", rounding: "kept" }
        : { name: "entropyBound", gamma: gamma.number(), order: "probability", rounds: steps },
      endToken: optional(params.get("add_eos_at_end"), flag, false) ? "stop" : "pad",
      temperature: params.get("temperature").number(),
      greedy: params.get("greedy").flag(),
      confidenceFrom: "sampling",
    };
  },
  returns: "answer",
  until: "end",
};

/** BD3LMSampler of dllm: `steps` are divided among the blocks. */
const bd3lm: OfficialSampler = {
  settings: (params) => {
    params.only("sampler", "max_new_tokens", "block_size", "temperature", "remasking", "steps", "cfg_scale");
    params.get("remasking").oneOf("low_confidence");
    const genLength = params.get("max_new_tokens").integer(1);
    const blockLength = params.get("block_size").integer(1);
    const blocks = Math.ceil(genLength / blockLength);
    return {
      genLength,
      blockLength,
      trimLastBlock: true,
      overrides: { maskBlock: blockLength, origin: "prompt" },
      decoder: { name: "linearSchedule", steps: Math.ceil(params.get("steps").integer(1) / blocks) },
      temperature: params.get("temperature").number(),
      cfgScale: optional(params.get("cfg_scale"), number, 0),
    };
  },
  returns: "answer",
  until: "block",
};

/** Greedy decoding of a causal model, one token per pass. */
const greedy: OfficialSampler = {
  settings: (params) => {
    params.only("sampler", "max_new_tokens");
    return {
      genLength: params.get("max_new_tokens").integer(1),
      blockLength: 1,
      overrides: { maskBlock: 1 },
      decoder: { name: "fixed", steps: 1 },
    };
  },
  returns: "answer",
  until: "stop",
};

export const officialSamplers = {
  llada,
  llada2,
  "llada2.1-edit": llada21,
  dream,
  sdar,
  "fast-dllm-v2": fastDllm,
  rnd1,
  bd3lm,
  greedy,
} as const satisfies Readonly<Record<string, OfficialSampler>>;
