/** The contents of tokenizer.json and tokenizer_config.json, from the metadata of a GGUF file. */
import { DiffusionError, found } from "../error.ts";
import type { JsonObject } from "../jsonObject.ts";
import type { ConfigReader } from "../model/index.ts";
import { parseJson } from "../weights/index.ts";
import { preTokenizerOf, preTokenizerParts } from "./preTokenizers.ts";

export interface GgufTokenizer {
  /** Undefined for a file without a tokenizer. */
  readonly tokenizer: JsonObject | undefined;
  readonly config: JsonObject;
}

/** Kinds of tokens in `tokenizer.ggml.token_type`. */
const tokenTypes = { control: 3, userDefined: 4, unused: 5 } as const;
/** Roles in tokenizer_config.json, and their names in keys of GGUF. */
const roles = {
  bos: "bos",
  eos: "eos",
  pad: "padding",
  mask: "mask",
  unk: "unknown",
  sep: "seperator",
  cls: "cls",
};

/**
 * A tokenizer.json that the file contains is used as it is. Otherwise one is made of the tokens, merges and the name of the
 * pre-tokenizer.
 * @throws DiffusionError `unsupported` for another kind of tokenizer, `invalid-file` for lists that do not match
 */
export function tokenizerOf(metadata: ConfigReader): GgufTokenizer {
  const tokens = metadata.texts("tokenizer.ggml.tokens");
  const config = configOf(metadata, tokens);
  const whole = metadata.text("tokenizer.huggingface.json", "");
  if (whole !== "") {
    const name = `'tokenizer.huggingface.json' in ${metadata.name}`;
    return { tokenizer: parseJson(new TextEncoder().encode(whole), name), config };
  }
  const kind = metadata.text("tokenizer.ggml.model", "none");
  if (kind === "none" || kind === "no_vocab") return { tokenizer: undefined, config };
  metadata.only("tokenizer.ggml.model", "gpt2");
  const types = metadata.numbers("tokenizer.ggml.token_type", Array(tokens.length).fill(1));
  if (tokens.length === 0 || types.length !== tokens.length) {
    throw metadata.fail(
      `must have tokens, and as many types as tokens: found ${tokens.length} tokens and ${types.length} types`,
    );
  }
  const pre = metadata.text("tokenizer.ggml.pre", "default");
  const preTokenizer = preTokenizerOf(pre);
  if (!preTokenizer) {
    const message = `Cannot load the model as 'tokenizer.ggml.pre' in ${metadata.name} must be a known pre-tokenizer: found ${found(pre)}`;
    throw new DiffusionError("unsupported", message);
  }
  const used = [...tokens.entries()].filter(([id]) => types[id] !== tokenTypes.unused);
  const merges = metadata.texts("tokenizer.ggml.merges");
  const tokenizer = {
    ...preTokenizerParts(preTokenizer),
    added_tokens: used.flatMap(([id, content]) => {
      const special = types[id] === tokenTypes.control;
      return special || types[id] === tokenTypes.userDefined
        ? [{ id, content, special, normalized: false }]
        : [];
    }),
    model: {
      type: "BPE",
      vocab: Object.fromEntries(used.map(([id, token]) => [token, id])),
      merges,
      ignore_merges: preTokenizer.ignoreMerges ?? false,
    },
  };
  return { tokenizer, config };
}

function configOf(metadata: ConfigReader, tokens: readonly string[]): JsonObject {
  const texts = Object.entries(roles).map(([role, key]) => {
    const id = metadata.token(`tokenizer.ggml.${key}_token_id`);
    return [`${role}_token`, id === undefined ? undefined : tokens[id]] as const;
  });
  const template = metadata.text("tokenizer.chat_template", "");
  return {
    ...Object.fromEntries(texts.filter(([, text]) => text !== undefined)),
    ...(template !== "" && { chat_template: template }),
  };
}
