import { DiffusionError, found } from "../error.ts";
import { readAddedTokens } from "./addedTokens.ts";
import { type Piece, readDecoder, type TextStream } from "./decoder.ts";
import { type DecodeOptions, Detokenizer } from "./detokenizer.ts";
import { type SpecialMatch, StrictEncoder } from "./encoder.ts";
import { readFidelity } from "./fidelity.ts";
import { requireObject, type TokenizerFiles, type TokenRole, textOfToken, tokenRoles } from "./files.ts";
import { loadTextModel } from "./library.ts";
import type { SpecialText, TextPart } from "./textPart.ts";
import { readDisplay } from "./tokenDisplay.ts";

export interface EncodeOptions {
  /** Default: "plain". */
  readonly special?: SpecialText;
  /** How errors name the text. Default: "the text". */
  readonly what?: string;
}

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
    const decode = (ids: readonly number[]) => this.decode(ids, { special: "keep" });
    this.#encoder = new StrictEncoder({ model, added, decode, fidelity: readFidelity(file) });
    const roles: Partial<Record<TokenRole, string>> = {};
    for (const role of tokenRoles) {
      const text = textOfToken(config[`${role}_token`]);
      if (text !== undefined) roles[role] = text;
    }
    this.roles = roles;
  }

  /**
   * The tokens of a text; none are added at its ends. Nothing is lost: but for what the tokenizer's normalizer
   * changes, decoding gives the text again.
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
    return this.#encoder.encode(parts, what);
  }

  /** The special tokens that a text spells: as it is or, if there are none, once it is normalized. */
  findSpecials(text: string): SpecialMatch[] {
    return this.#encoder.findSpecials(text);
  }

  /**
   * The text of tokens. Ids that no token has, as in the padding rows of an embedding, have none.
   * @throws DiffusionError `invalid-request` for what cannot be an id: negative or no integer
   */
  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    const detokenizer = new Detokenizer(this, options);
    return detokenizer.push(ids) + detokenizer.finish();
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
