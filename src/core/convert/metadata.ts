/** The metadata of a GGUF file: what llama.cpp reads, and the checkpoint's JSON files for what it cannot say. */
import type { GgufMetadata, GgufValue } from "../gguf/index.ts";
import { ggufKeys, ggufValues } from "../gguf/index.ts";
import type { JsonObject } from "../jsonObject.ts";
import type { Model } from "../model/index.ts";
import type { QuantizedDType } from "../tensor/index.ts";
import { vocabularyOf } from "./vocabulary.ts";

export interface MetadataParts {
  readonly model: Model;
  /** As in `general.architecture`. */
  readonly architecture: string;
  /** The parsed files; undefined where there are none. */
  readonly config: JsonObject;
  readonly generation: JsonObject | undefined;
  readonly tokenizer: JsonObject | undefined;
  readonly tokenizerConfig: JsonObject | undefined;
  /** The source of the chat template, if there is one. */
  readonly template: string | undefined;
  readonly quantize: QuantizedDType | undefined;
}

/** As in `general.file_type`: the type of most tensors. */
const fileTypes: Readonly<Record<QuantizedDType, number>> = { q4_0: 2, q8_0: 7, q4_k: 14, q6_k: 18 };

const { text, count, float, flag, texts, integers } = ggufValues;

export function metadataOf(parts: MetadataParts): GgufMetadata {
  const { model, architecture, config, generation, tokenizer, tokenizerConfig, quantize } = parts;
  const json = (key: string, value: JsonObject | undefined): GgufMetadata =>
    value ? [[key, text(JSON.stringify(value))]] : [];
  return [
    ["general.architecture", text(architecture)],
    ["general.type", text("model")],
    ...(quantize
      ? ([
          ["general.file_type", count(fileTypes[quantize])],
          ["general.quantization_version", count(2)],
        ] as const)
      : []),
    ...bodyOf(model, architecture),
    ...tokenizerOf(parts),
    ...json("tokenizer.huggingface.json", tokenizer),
    ...json(ggufKeys.config, config),
    ...json(ggufKeys.generation, generation),
    ...json(ggufKeys.tokenizerConfig, tokenizerConfig),
  ];
}

function bodyOf({ architecture: a, maskBlock, shift }: Model, name: string): GgufMetadata {
  const [layer] = a.feedForward;
  const own = (key: string, value: GgufValue | undefined): GgufMetadata =>
    value === undefined ? [] : [[`${name}.${key}`, value]];
  const { ropeScaling: scaling } = a;
  const experts = layer?.kind === "experts" ? layer : undefined;
  return [
    ...own("block_count", count(a.feedForward.length)),
    ...own("context_length", count(a.context)),
    ...own("embedding_length", count(a.hidden)),
    ...own("feed_forward_length", layer && count(layer.intermediate)),
    ...own("attention.head_count", count(a.heads)),
    ...own("attention.head_count_kv", count(a.kvHeads)),
    ...own("attention.key_length", count(a.headDimension)),
    ...own("attention.value_length", count(a.headDimension)),
    ...own("attention.layer_norm_rms_epsilon", float(a.epsilon)),
    ...own("attention.causal", flag(maskBlock === 1)),
    ...own("rope.freq_base", float(a.ropeTheta)),
    ...own("rope.dimension_count", count(a.rotaryDimension)),
    ...(scaling?.kind === "linear" || scaling?.kind === "yarn"
      ? [
          ...own("rope.scaling.type", text(scaling.kind)),
          ...own("rope.scaling.factor", float(scaling.factor)),
          ...own(
            "rope.scaling.original_context_length",
            scaling.kind === "yarn" ? count(scaling.originalContext) : undefined,
          ),
        ]
      : []),
    ...own("vocab_size", count(a.vocabulary)),
    ...own("expert_count", experts && count(experts.experts)),
    ...own("expert_used_count", experts && count(experts.topK)),
    ...own("expert_feed_forward_length", experts && count(experts.intermediate)),
    ["diffusion.shift_logits", flag(shift === 1)],
  ];
}

function tokenizerOf({ model, tokenizer, template }: MetadataParts): GgufMetadata {
  const vocabulary = tokenizer && vocabularyOf(tokenizer, model.architecture.vocabulary);
  const id = (role: string, token: number | undefined): GgufMetadata =>
    token === undefined ? [] : [[`tokenizer.ggml.${role}_token_id`, count(token)]];
  const lists: GgufMetadata = vocabulary
    ? [
        ["tokenizer.ggml.model", text("gpt2")],
        ["tokenizer.ggml.pre", text(vocabulary.pre)],
        ["tokenizer.ggml.tokens", texts(vocabulary.tokens)],
        ["tokenizer.ggml.token_type", integers(vocabulary.types)],
        ["tokenizer.ggml.merges", texts(vocabulary.merges)],
      ]
    : [["tokenizer.ggml.model", text("none")]];
  return [
    ...lists,
    ...id("eos", model.stopTokens[0]),
    ...id("padding", model.padToken),
    ...id("mask", model.maskToken),
    ...(template === undefined ? [] : ([["tokenizer.chat_template", text(template)]] as const)),
  ];
}
