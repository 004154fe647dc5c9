/** The parts of a tokenizer between the added tokens and the ids. */
import { DiffusionError, found } from "../error.ts";
import type { JsonObject } from "../jsonObject.ts";
import { finish, type Pausing } from "../pausing.ts";
import { BytePairs } from "./bytePairs.ts";
import { requireObject } from "./files.ts";
import { readLibraryModel, readPattern, readPrecompiled } from "./library.ts";
import type { Tokens } from "./mergeInWindows.ts";
import { readNormalizer, shrinkageOf } from "./normalizer.ts";
import { readPreTokenizer } from "./preTokenizer.ts";

export interface TextModel {
  normalize(text: string): Pausing<string>;
  /**
   * The tokens of a text that has been normalized. Characters that the vocabulary lacks may be missing.
   * @param section the number of added tokens and stretches of text before it, which says if it comes first
   */
  tokens(normalized: string, section: number): Tokens;
  /** The model's vocabulary. */
  readonly idOf: ReadonlyMap<string, number>;
  /** Takes a token out of the vocabulary as far as text goes: `tokens` does not lead to it. */
  withhold(token: string): void;
  /** The most UTF-16 units that normalization makes one of; undefined where there is no limit. */
  readonly shrinkage: number | undefined;
}

/**
 * The model, the normalizer and the pre-tokenizer of a tokenizer.json.
 * @throws DiffusionError `invalid-file`, `unsupported` for a part or a pattern that is not known
 */
export function loadTextModel(file: JsonObject, config: JsonObject, name: string): TextModel {
  const node = requireObject(file["model"], "'model'", name);
  if (typeof node["vocab"] !== "object" || node["vocab"] === null) {
    throw new DiffusionError(
      "invalid-file",
      `Cannot read '${name}' as its model has no 'vocab': found ${found(Object.keys(node))}`,
    );
  }
  const model = BytePairs.is(node) ? new BytePairs(node, name) : readLibraryModel(node, config, name);
  const pattern = (part: JsonObject) => readPattern(part, name);
  const normalize = readNormalizer(file["normalizer"], {
    pattern,
    precompiled: (part) => readPrecompiled(part, name),
    name,
  });
  const preTokenize = readPreTokenizer(file["pre_tokenizer"], {
    pattern,
    normalize: (text) => finish(normalize(text)),
    name,
  });
  return {
    normalize,
    *tokens(normalized, section) {
      for (const word of preTokenize(normalized, section)) {
        if (word === undefined) yield undefined;
        else yield* model.tokens(word);
      }
    },
    idOf: model.idOf,
    withhold: (token) => model.withhold(token),
    shrinkage: shrinkageOf(file["normalizer"]),
  };
}
