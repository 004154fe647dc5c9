import { DiffusionError, found } from "../error.ts";
import { type Pausing, runNow } from "../pausing.ts";
import { readAddedTokens } from "./addedTokens.ts";
import { type Piece, readDecoder, type TextStream } from "./decoder.ts";
import { type DecodeOptions, Detokenizer } from "./detokenizer.ts";
import { type SpecialMatch, StrictEncoder } from "./encoder.ts";
import { readFidelity } from "./fidelity.ts";
import { requireObject, type TokenizerFiles, type TokenRole, textOfToken, tokenRoles } from "./files.ts";
import { loadTextModel } from "./textModel.ts";
import type { SpecialText, TextPart } from "./textPart.ts";
import { readDisplay } from "./tokenDisplay.ts";

export interface EncodeOptions {
  /** Default: "plain". */
  readonly special?: SpecialText;
  /** The text, as errors name it. Default: "the text". */
  readonly what?: string;
}

/** Tokens that are decoded between two pauses. */
const tokensPerPause = 512;

/** Encodes and decodes text by a checkpoint's tokenizer.json. */
export class Tokenizer {
  /** The file, as errors name it. */
  readonly name: string;
  /** The largest id of a token plus one. A checkpoint may have more rows. */
  readonly vocabularySize: number;
  /** The ids of control tokens. */
  readonly specialIds: ReadonlySet<number>;
  /** The texts of the special tokens with a role in tokenizer_config.json. */
  readonly roles: Readonly<Partial<Record<TokenRole, string>>>;
  readonly #encoder: StrictEncoder;
  readonly #startDecoding: () => TextStream;
  readonly #display: (piece: Piece) => string;
  readonly #texts: (string | undefined)[] = [];
  readonly #idOf: ReadonlyMap<string, number>;
  readonly #addedIds: ReadonlyMap<string, number>;

  /**
   * @throws DiffusionError `invalid-file` if tokenizer.json is damaged, `unsupported` if it has an unknown part
   */
  static fromFiles(files: TokenizerFiles): Tokenizer {
    return new Tokenizer(files);
  }

  private constructor(files: TokenizerFiles) {
    this.name = files.name ?? "tokenizer.json";
    const file = requireObject(files.tokenizer, "its top level", this.name);
    const config = requireObject(files.config ?? {}, "tokenizer_config.json", this.name);
    const model = loadTextModel(file, config, this.name);
    const { idOf } = model;
    const added = readAddedTokens(file, {
      config,
      idOf,
      controlIds: files.controlIds ?? [],
      name: this.name,
    });
    for (const [text, id] of [...idOf, ...added.map((token) => [token.text, token.id] as const)]) {
      this.#texts[id] = text;
    }
    this.vocabularySize = this.#texts.length;
    this.specialIds = new Set(added.filter((token) => token.special).map((token) => token.id));
    this.#idOf = idOf;
    this.#addedIds = new Map(added.map((token) => [token.text, token.id]));
    this.#startDecoding = readDecoder(file["decoder"], this.name);
    this.#display = readDisplay(file["decoder"]);
    this.#encoder = new StrictEncoder({
      model,
      added,
      decode: (ids, first) => this.#textsFrom(ids, first, { special: "keep" }),
      normalizedOf: (text) => runNow(model.normalize(text)),
      fidelity: readFidelity(file),
    });
    const roles: Partial<Record<TokenRole, string>> = {};
    for (const role of tokenRoles) {
      const text = textOfToken(config[`${role}_token`]);
      if (text !== undefined) roles[role] = text;
    }
    this.roles = roles;
  }

  /**
   * Encodes a text without adding tokens at its ends. Nothing is lost: the tokens decode to the text, as changed by the
   * tokenizer's normalizer. The call holds the thread until it is done; for long texts use `encodeText`.
   * @throws DiffusionError `text` if the tokenizer would drop characters, which the message names with their positions (in
   *   UTF-16 units), or if the text contains a special token and `special` is "refuse"
   */
  encode(text: string, options: EncodeOptions = {}): number[] {
    return this.encodeParts([{ text, special: options.special ?? "plain" }], options.what);
  }

  /**
   * Encodes consecutive texts as one text, so that tokens may span parts. A special token is parsed only if it lies within
   * one part with `special: "parse"`.
   * @param what the whole text, as errors name it
   * @throws DiffusionError `text` as in `encode`
   */
  encodeParts(parts: readonly TextPart[], what = "the text"): number[] {
    return runNow(this.encodePausing(parts, { what }));
  }

  /**
   * As `encodeParts`, with pauses.
   * @param options.maxTokens the maximum number of tokens; reading stops there
   * @throws DiffusionError `context-exceeded` if there are more tokens
   */
  encodePausing(
    parts: readonly TextPart[],
    { what = "the text", maxTokens = Infinity }: { readonly what?: string; readonly maxTokens?: number } = {},
  ): Pausing<number[]> {
    return this.#encoder.encode(parts, { what, maxTokens });
  }

  /** The minimum number of tokens of a text with `units` UTF-16 units. */
  minTokens(units: number): number {
    return this.#encoder.minTokens(units);
  }

  /** Finds special tokens in a text, or, if there are none, in the normalized text. */
  findSpecials(text: string): SpecialMatch[] {
    return runNow(this.findSpecialsPausing(text));
  }

  /** As `findSpecials`, with pauses. */
  findSpecialsPausing(text: string): Pausing<SpecialMatch[]> {
    return this.#encoder.findSpecials(text);
  }

  /**
   * Decodes tokens. Ids without a token, as in the padding rows of an embedding, have no text.
   * @throws DiffusionError `invalid-request` for an id that is negative or not an integer
   */
  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    return runNow(this.decodePausing([...ids], options));
  }

  /** As `decode`, with pauses. */
  *decodePausing(ids: readonly number[], options: DecodeOptions = {}): Pausing<string> {
    const texts: string[] = [];
    for (const text of this.#textsFrom(ids, 0, options)) {
      texts.push(text);
      yield;
    }
    return texts.join("");
  }

  /** The text of the tokens from `first` on, in pieces. */
  *#textsFrom(ids: readonly number[], first: number, options: DecodeOptions): Generator<string> {
    const detokenizer = new Detokenizer(this, options);
    for (let start = first; start < ids.length; start += tokensPerPause) {
      yield detokenizer.push(ids.slice(start, start + tokensPerPause));
    }
    yield detokenizer.finish();
  }

  /** As `tokenText` for each token, with pauses. */
  *tokenTexts(ids: readonly number[]): Pausing<string[]> {
    const texts: string[] = [];
    for (const id of ids) {
      texts.push(this.tokenText(id));
      if (texts.length % tokensPerPause === 0) yield;
    }
    return texts;
  }

  /** The text of one token for display, with incomplete characters as bytes like `<0xE4>`; empty for an unknown id. */
  tokenText(id: number): string {
    const piece = this.piece(id);
    return piece === undefined ? "" : this.#display(piece);
  }

  /** The id of a token, spelled as in the vocabulary. */
  idOf(token: string): number | undefined {
    return this.#addedIds.get(token) ?? this.#idOf.get(token);
  }

  /** A token as it is written in the vocabulary. @throws DiffusionError `invalid-request` for an invalid id */
  piece(id: number): Piece | undefined {
    if (!Number.isInteger(id) || id < 0) {
      throw new DiffusionError(
        "invalid-request",
        `Cannot decode a token as its id must be an integer from 0 on: found ${found(id)}`,
      );
    }
    const text = this.#texts[id];
    return text === undefined ? undefined : { text, added: this.#addedIds.get(text) === id };
  }

  /** Starts the tokenizer's decoder for a sequence. */
  startDecoding(): TextStream {
    return this.#startDecoding();
  }
}
