import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import { mergeInWindows, type Tokens } from "./mergeInWindows.ts";
import { PairTable } from "./pairTable.ts";
import { WordCache } from "./wordCache.ts";
import type { WordModel } from "./wordModel.ts";

/** The byte-pair model of a tokenizer.json. Source: Hugging Face tokenizers, `models::bpe`. */
export class BytePairs implements WordModel {
  readonly idOf: ReadonlyMap<string, number>;
  readonly #pairs: PairTable;
  readonly #cache = new WordCache();
  readonly #prefix: string;
  readonly #suffix: string;
  readonly #byteFallback: boolean;
  /** Whether a word in the vocabulary is one token without merges (`ignore_merges`). */
  readonly #wordsFirst: boolean;
  readonly #withheld = new Set<string>();

  /** Whether a `model` node is a byte-pair model. Old files have no type. */
  static is(model: JsonObject): boolean {
    return model["type"] === "BPE" || (model["type"] === undefined && Array.isArray(model["merges"]));
  }

  /** @throws DiffusionError `invalid-file` */
  constructor(model: JsonObject, name: string) {
    const { vocab, merges } = model;
    const entries = isJsonObject(vocab) ? Object.entries(vocab) : [];
    const wrong = entries.find(([, id]) => !Number.isInteger(id) || (id as number) < 0);
    if (!isJsonObject(vocab) || wrong !== undefined) {
      throw new DiffusionError(
        "invalid-file",
        `Cannot read '${name}' as its model's 'vocab' must give each token an id: found ${found(wrong ?? vocab)}`,
      );
    }
    if (!Array.isArray(merges)) {
      throw new DiffusionError(
        "invalid-file",
        `Cannot read '${name}' as its model's 'merges' must be a list: found ${found(merges)}`,
      );
    }
    this.idOf = new Map(entries as [string, number][]);
    this.#prefix = textIn(model, "continuing_subword_prefix");
    this.#suffix = textIn(model, "end_of_word_suffix");
    this.#byteFallback = model["byte_fallback"] === true;
    this.#wordsFirst = model["ignore_merges"] === true;
    this.#pairs = new PairTable(merges, { idOf: this.idOf, prefix: this.#prefix, name });
  }

  withhold(token: string): void {
    this.#withheld.add(token);
  }

  *tokens(word: string): Tokens {
    const known = this.#cache.get(word);
    if (known !== undefined) {
      yield known;
      return;
    }
    const whole = this.#wordsFirst && !this.#withheld.has(word) ? this.idOf.get(word) : undefined;
    if (whole !== undefined) {
      yield [whole];
      return;
    }
    const encoding = mergeInWindows(this.#symbolsOf(word), this.#pairs);
    if (!this.#cache.accepts(word)) {
      yield* encoding;
      return;
    }
    const tokens = [...encoding].flatMap((each) => each ?? []);
    this.#cache.set(word, tokens);
    yield tokens;
  }

  /** The tokens of a word's characters. Characters without a token are skipped; the check of the decoded text finds them. */
  *#symbolsOf(word: string): Generator<number, void, undefined> {
    let position = 0;
    for (const character of word) {
      const before = position > 0 ? this.#prefix : "";
      position += character.length;
      const after = position === word.length ? this.#suffix : "";
      const id = this.idOf.get(before + character + after);
      if (id !== undefined) yield id;
      else if (this.#byteFallback) yield* this.#bytesOf(character);
    }
  }

  #bytesOf(character: string): readonly number[] {
    const ids = Array.from(new TextEncoder().encode(character), (byte) =>
      this.idOf.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`),
    );
    return ids.every((id) => id !== undefined) ? ids : [];
  }
}

function textIn(model: JsonObject, key: string): string {
  const text = model[key];
  return typeof text === "string" ? text : "";
}
