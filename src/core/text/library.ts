/**
 * What is used of @huggingface/tokenizers: the translation of Oniguruma's patterns into JavaScript's, tables of compiled
 * normalizers, and models other than byte pairs. All else is this folder's own: text that users type must not become
 * control tokens, decoding must stream, encoding must pause, and white space is Rust's. Version 0.2.0: its declaration
 * files import each other without file extensions, so under NodeNext all its types are `any`; the interface below is what
 * its code does.
 */
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import type { Tokens } from "./mergeInWindows.ts";
import { UnreadableText } from "./unreadableText.ts";
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

/** @throws DiffusionError `invalid-file`, `unsupported` for a part or a pattern that the library does not know */
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
 * The pattern at which a `Split` cuts or a `Replace` replaces, with the flags `g` and `u`.
 * @throws DiffusionError `unsupported` for a regular expression that JavaScript lacks, `invalid-file` without one
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

/** A `Precompiled` normalizer. */
export function readPrecompiled(node: JsonObject, name: string): (text: string) => string {
  const { normalizer } = load({ normalizer: node }, name);
  return (text) => normalizer!.normalize(text);
}

/** UTF-16 units of the longest word that the library's models are given: they cannot be interrupted. */
const longestWord = 16_384;

/** A model other than byte pairs: WordPiece, Unigram, or a vocabulary alone. */
export function readLibraryModel(model: JsonObject, config: JsonObject, name: string): WordModel {
  const encode = load({ model }, name, config).model;
  return {
    idOf: encode.tokens_to_ids,
    withhold(token) {
      encode.tokens_to_ids.delete(token);
    },
    *tokens(word): Tokens {
      if (word.length > longestWord) {
        throw new UnreadableText(
          `a word of it must have at most ${longestWord} characters: found ${word.length}`,
        );
      }
      yield encode([word]).flatMap((token) => encode.tokens_to_ids.get(token) ?? []);
    },
  };
}
