/**
 * What is used of @huggingface/tokenizers: the normalizer, the pre-tokenizer and the model. Added tokens and
 * decoders are this folder's own, as text that users type must not become control tokens, and decoding must
 * stream. Version 0.2.0: its declaration files import each other without file extensions, so under NodeNext
 * all its types are `any`; the interface below is what its code does.
 */
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import { partsOf } from "./fidelity.ts";
import { requireObject } from "./files.ts";

interface LibraryTokenizer {
  readonly normalizer: { normalize(text: string): string } | null;
  readonly pre_tokenizer: { pre_tokenize(text: string, options: { section_index: number }): string[] } | null;
  readonly model: {
    (words: string[]): string[];
    readonly tokens_to_ids: Map<string, number>;
  };
}

/** The parts of a tokenizer between the added tokens and the ids. */
export interface TextModel {
  normalize(text: string): string;
  /**
   * The tokens of a text that has been normalized. Characters that the vocabulary lacks may be missing.
   * @param section the number of added tokens and stretches of text before it, which says if it comes first
   */
  tokenize(normalized: string, section: number): string[];
  /** The model's vocabulary, without the tokens taken out by `withhold`. */
  readonly idOf: ReadonlyMap<string, number>;
  /** Takes a token out of the vocabulary, so that `tokenize` cannot lead to it. */
  withhold(token: string): void;
}

/**
 * Version 0.2.0 reads `behavior` only for "Removed" and takes any other for "Isolated". Gemma's split at spaces
 * may pass, as its normalizer leaves none.
 */
function requireKnownSplits(preTokenizer: unknown, normalize: (text: string) => string, name: string): void {
  for (const part of partsOf(preTokenizer)) {
    const { type, behavior, pattern } = part as { type?: unknown; behavior?: unknown; pattern?: unknown };
    const splits = type === "Split" || type === "Punctuation";
    if (!splits || behavior === undefined || /^(isolated|removed)$/i.test(String(behavior))) continue;
    const at = isJsonObject(pattern) ? pattern["String"] : undefined;
    if (typeof at === "string" && !normalize(at).includes(at)) continue;
    throw new DiffusionError(
      "unsupported",
      `Cannot read '${name}' as its pre-tokenizer must split as 'Isolated' or 'Removed': found ${found(behavior)}`,
    );
  }
}

/**
 * The models, normalizers and pre-tokenizers of a tokenizer.json.
 * @throws DiffusionError `invalid-file`, `unsupported` for a part or a pattern that the library does not know
 */
export function loadTextModel(file: JsonObject, config: JsonObject, name: string): TextModel {
  const model = requireObject(file["model"], "'model'", name);
  if (typeof model["vocab"] !== "object" || model["vocab"] === null) {
    throw new DiffusionError(
      "invalid-file",
      `Cannot read '${name}' as its model has no 'vocab': found ${found(Object.keys(model))}`,
    );
  }
  let library: LibraryTokenizer;
  try {
    const parts = {
      normalizer: file["normalizer"] ?? null,
      pre_tokenizer: file["pre_tokenizer"] ?? null,
      model,
      post_processor: null,
      decoder: null,
      added_tokens: [],
    };
    library = new Library(parts, config) as unknown as LibraryTokenizer;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const unsupported = cause instanceof SyntaxError || message.startsWith("Unknown");
    throw new DiffusionError(
      unsupported ? "unsupported" : "invalid-file",
      `Cannot read '${name}': ${message}`,
      {
        cause,
      },
    );
  }
  const { normalizer, pre_tokenizer: preTokenizer, model: encode } = library;
  const normalize = (text: string) => (normalizer === null ? text : normalizer.normalize(text));
  requireKnownSplits(file["pre_tokenizer"], normalize, name);
  return {
    normalize,
    tokenize: (text, section) =>
      encode(preTokenizer === null ? [text] : preTokenizer.pre_tokenize(text, { section_index: section })),
    idOf: encode.tokens_to_ids,
    withhold: (token) => encode.tokens_to_ids.delete(token),
  };
}
