import { DiffusionError, found } from "../error.ts";
import { finish, type Pausing } from "../pausing.ts";
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
  /** How errors name the text. Default: "the text". */
  readonly what?: string;
}

/** Tokens that are decoded between two pauses. */
const tokensAPause = 512;

/** Text to tokens and back, by a checkpoint's tokenizer.json. */
export class Tokenizer {
  /** How errors name its file. */
  readonly name: string;
  /** One more than the largest id that has a token; a checkpoint may have more rows than that. */
  readonly vocabularySize: number;
  /** The tokens that are control, not text. */
  readonly specialIds: ReadonlySet<number>;
  /** The texts of the special tokens to which tokenizer_config.json gives a role. */
  readonly roles: Readonly<Partial<Record<TokenRole, string>>>;
  readonly #encoder: StrictEncoder;
  readonly #startDecoding: () => TextStream;
  readonly #display: (piece: Piece) => string;
  readonly #texts: (string | undefined)[] = [];
  readonly #idOf: ReadonlyMap<string, number>;
  readonly #addedIds: ReadonlyMap<string, number>;

  /**
   * @throws DiffusionError `invalid-file` if tokenizer.json is damaged, `unsupported` if a part of it is not known
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
      normalizedOf: (text) => finish(model.normalize(text)),
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
   * The tokens of a text; none are added at its ends. Nothing is lost: but for what the tokenizer's normalizer
   * changes, decoding gives the text again. It holds the thread until it is done: for long texts there is `encodeText`.
   * @throws DiffusionError `text` if the tokenizer would drop characters, which the message names with their
   *   positions (in UTF-16 units), or if the text holds a special token that is to be refused
   */
  encode(text: string, options: EncodeOptions = {}): number[] {
    return this.encodeParts([{ text, special: options.special ?? "plain" }], options.what);
  }

  /**
   * The tokens of texts that follow each other, encoded as one text, so that tokens may span the parts; but a
   * special token is only parsed where it stands as a whole in a part that says so.
   * @param what how errors name the whole
   * @throws DiffusionError `text` as in `encode`
   */
  encodeParts(parts: readonly TextPart[], what = "the text"): number[] {
    return finish(this.encoding(parts, { what }));
  }

  /**
   * As `encodeParts`, with pauses.
   * @param options.maxTokens the most tokens that the whole may have; no more of it is read than that takes
   * @throws DiffusionError `context-exceeded` if it has more
   */
  encoding(
    parts: readonly TextPart[],
    { what = "the text", maxTokens = Infinity }: { readonly what?: string; readonly maxTokens?: number } = {},
  ): Pausing<number[]> {
    return this.#encoder.encode(parts, { what, maxTokens });
  }

  /** The fewest tokens that a text of so many UTF-16 units can have: known of its length alone. */
  leastTokens(units: number): number {
    return this.#encoder.leastTokens(units);
  }

  /** The special tokens that a text spells: as it is or, if there are none, once it is normalized. */
  findSpecials(text: string): SpecialMatch[] {
    return finish(this.findingSpecials(text));
  }

  /** As `findSpecials`, with pauses. */
  findingSpecials(text: string): Pausing<SpecialMatch[]> {
    return this.#encoder.findSpecials(text);
  }

  /**
   * The text of tokens. Ids that no token has, as in the padding rows of an embedding, have none.
   * @throws DiffusionError `invalid-request` for what cannot be an id: negative or no integer
   */
  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    return finish(this.decoding([...ids], options));
  }

  /** As `decode`, with pauses. */
  *decoding(ids: readonly number[], options: DecodeOptions = {}): Pausing<string> {
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
    for (let start = first; start < ids.length; start += tokensAPause) {
      yield detokenizer.push(ids.slice(start, start + tokensAPause));
    }
    yield detokenizer.finish();
  }

  /** As `tokenText` of each, with pauses. */
  *tokenTexts(ids: readonly number[]): Pausing<string[]> {
    const texts: string[] = [];
    for (const id of ids) {
      texts.push(this.tokenText(id));
      if (texts.length % tokensAPause === 0) yield;
    }
    return texts;
  }

  /** How to show one token to a person: incomplete characters as bytes, like `<0xE4>`; empty if there is none. */
  tokenText(id: number): string {
    const piece = this.piece(id);
    return piece === undefined ? "" : this.#display(piece);
  }

  /** The id of a token, spelled as in the vocabulary. */
  idOf(token: string): number | undefined {
    return this.#addedIds.get(token) ?? this.#idOf.get(token);
  }

  /** A token as its vocabulary writes it. @throws DiffusionError `invalid-request` for what cannot be an id */
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

  /** The tokenizer's decoder, at the start of a sequence. */
  startDecoding(): TextStream {
    return this.#startDecoding();
  }
}
