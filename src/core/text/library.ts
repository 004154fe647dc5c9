/**
 * The used parts of @huggingface/tokenizers: the translation of Oniguruma patterns to JavaScript, precompiled normalizers,
 * and models other than byte pairs. The rest is implemented in this folder: plain text must not become control tokens,
 * decoding must stream, encoding must pause, and white space is Rust's. The declaration files of version 0.2.0 import each
 * other without file extensions, so all types are `any` under NodeNext; the interface below describes the library's code.
 */
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import { EncodingError } from "./encodingError.ts";
import type { Tokens } from "./mergeInWindows.ts";
import type { WordModel } from "./wordModel.ts";

interface LibraryTokenizer {
  readonly normalizer: { normalize(text: string): string } | null;
  readonly pre_tokenizer: { readonly pattern: RegExp | null } | null;
  readonly model: {
    (words: string[]): string[];
    readonly tokens_to_ids: Map<string, number>;
  };
}

interface Parts {
  readonly normalizer?: JsonObject;
  readonly pre_tokenizer?: JsonObject;
  readonly model?: JsonObject;
}

/** @throws DiffusionError `invalid-file`; `unsupported` for a part or a pattern that the library does not support */
function load(parts: Parts, name: string, config: JsonObject = {}): LibraryTokenizer {
  try {
    const none = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
    const model = { type: "BPE", vocab: {}, merges: [] };
    return new Library({ ...none, model, added_tokens: [], ...parts }, config) as unknown as LibraryTokenizer;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const unsupported = cause instanceof SyntaxError || message.startsWith("Unknown");
    throw new DiffusionError(
      unsupported ? "unsupported" : "invalid-file",
      `Cannot read '${name}': ${message}`,
      { cause },
    );
  }
}

/**
 * Reads the pattern of a `Split` or a `Replace`, as a RegExp with the flags `g` and `u`.
 * @throws DiffusionError `unsupported` for a regular expression that JavaScript lacks, `invalid-file` without a pattern
 */
export function readPattern({ pattern }: JsonObject, name: string): RegExp {
  const { String: literal, Regex: expression } = isJsonObject(pattern) ? pattern : {};
  if (typeof literal === "string") return new RegExp(literal.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "gu");
  if (typeof expression !== "string") {
    throw new DiffusionError(
      "invalid-file",
      `Cannot read '${name}' as a pattern must have a 'String' or a 'Regex': found ${found(pattern)}`,
    );
  }
  const split = { type: "Split", pattern: { Regex: expression }, behavior: "Isolated", invert: false };
  return load({ pre_tokenizer: split }, name).pre_tokenizer!.pattern!;
}

/** Reads a `Precompiled` normalizer. */
export function readPrecompiled(node: JsonObject, name: string): (text: string) => string {
  const { normalizer } = load({ normalizer: node }, name);
  return (text) => normalizer!.normalize(text);
}

/** The maximum UTF-16 units of a word: the library's models cannot be interrupted within one. */
const maxWordLength = 16_384;

/** Reads a model other than byte pairs: WordPiece, Unigram, or a plain vocabulary. */
export function readLibraryModel(model: JsonObject, config: JsonObject, name: string): WordModel {
  const encode = load({ model }, name, config).model;
  return {
    idOf: encode.tokens_to_ids,
    withhold(token) {
      encode.tokens_to_ids.delete(token);
    },
    *tokens(word): Tokens {
      if (word.length > maxWordLength) {
        throw new EncodingError(`a word may have at most ${maxWordLength} characters: found ${word.length}`);
      }
      yield encode([word]).flatMap((token) => encode.tokens_to_ids.get(token) ?? []);
    },
  };
}
