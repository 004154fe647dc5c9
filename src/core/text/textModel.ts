/** The parts of a tokenizer between the added tokens and the ids. */
import { DiffusionError, found } from "../error.ts";
import type { JsonObject } from "../jsonObject.ts";
import { type Pausing, runNow } from "../pausing.ts";
import { BytePairs } from "./bytePairs.ts";
import { requireObject } from "./files.ts";
import { readLibraryModel, readPattern, readPrecompiled } from "./library.ts";
import type { Tokens } from "./mergeInWindows.ts";
import { maxShrinkageOf, readNormalizer } from "./normalizer.ts";
import { readPreTokenizer } from "./preTokenizer.ts";

export interface TextModel {
  normalize(text: string): Pausing<string>;
  /**
   * The tokens of a normalized text. Characters that the vocabulary lacks may be missing.
   * @param section the index of the text among the text's segments; 0 for the first
   */
  tokens(normalized: string, section: number): Tokens;
  /** The model's vocabulary. */
  readonly idOf: ReadonlyMap<string, number>;
  /** Excludes a token from encoding: `tokens` never returns it for a whole word. */
  withhold(token: string): void;
  /** The largest factor by which normalization can shorten a text; undefined if there is no limit. */
  readonly maxShrinkage: number | undefined;
}

/**
 * Reads the model, the normalizer and the pre-tokenizer of a tokenizer.json.
 * @throws DiffusionError `invalid-file`; `unsupported` for an unknown part or pattern
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
    normalize: (text) => runNow(normalize(text)),
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
    maxShrinkage: maxShrinkageOf(file["normalizer"]),
  };
}
