/**
 * Encoding without loss, without control tokens from plain text, and with pauses. An ordinary BPE encoder without an unknown
 * token drops the characters that its vocabulary lacks, and encodes `<|mask|>` in a prompt as the mask token.
 */
import { DiffusionError } from "../error.ts";
import type { Pausing } from "../pausing.ts";
import { AddedTokenSplitter, type Segment, type Segments } from "./addedTokenSplitter.ts";
import type { AddedToken } from "./addedTokens.ts";
import { EncodingError } from "./encodingError.ts";
import { type Fidelity, isFaithful } from "./fidelity.ts";
import { lossError } from "./loss.ts";
import type { TextModel } from "./textModel.ts";
import type { TextPart } from "./textPart.ts";

/** An occurrence of a special token's text in another text. */
export interface SpecialMatch {
  readonly text: string;
  /** In UTF-16 units. */
  readonly position: number;
}

export interface EncodingOptions {
  /** The text, as errors name it. */
  readonly what: string;
  readonly maxTokens: number;
}

/** Decodes the tokens from an index on, including special tokens, in pieces. */
type Decode = (ids: readonly number[], first: number) => Iterable<string>;

export class StrictEncoder {
  readonly #model: TextModel;
  readonly #decode: Decode;
  readonly #fidelity: Fidelity;
  readonly #specialIds: ReadonlySet<number>;
  readonly #special: AddedTokenSplitter;
  readonly #ordinary: AddedTokenSplitter;
  readonly #normalized: AddedTokenSplitter;
  /** The maximum number of UTF-16 units of one token; undefined if there is no limit. */
  readonly #maxUnitsPerToken: number | undefined;

  /**
   * Removes the special tokens from the model's vocabulary, so that plain text cannot produce them.
   * @param options.normalizedOf applies the model's normalizer
   */
  constructor(options: {
    readonly model: TextModel;
    readonly added: readonly AddedToken[];
    readonly decode: Decode;
    readonly normalizedOf: (text: string) => string;
    readonly fidelity: Fidelity;
  }) {
    this.#model = options.model;
    this.#decode = options.decode;
    this.#fidelity = options.fidelity;
    const special = options.added.filter((token) => token.special);
    const ordinary = options.added.filter((token) => !token.special);
    for (const { text } of special) this.#model.withhold(text);
    this.#specialIds = new Set(special.map((token) => token.id));
    this.#special = new AddedTokenSplitter(special);
    this.#ordinary = new AddedTokenSplitter(ordinary.filter((token) => !token.normalized));
    this.#normalized = new AddedTokenSplitter(
      ordinary.filter((token) => token.normalized),
      (token) => options.normalizedOf(token.text),
    );
    this.#maxUnitsPerToken = this.#findMaxUnitsPerToken();
  }

  /** As `Tokenizer.encodeParts`, with pauses. */
  *encode(parts: readonly TextPart[], options: EncodingOptions): Pausing<number[]> {
    const { what, maxTokens } = options;
    const minTokens = this.minTokens(parts.reduce((sum, { text }) => sum + text.length, 0));
    if (minTokens > maxTokens) throw tooManyTokens(options, minTokens);
    const ids: number[] = [];
    let section = 0;
    try {
      for (const segment of this.#segments(parts, what)) {
        if (segment === undefined) {
          yield;
          continue;
        }
        for (const each of segment.token ? [segment] : this.#ordinary.split(segment.text, segment.start)) {
          if (each === undefined) {
            yield;
            continue;
          }
          if (each.token !== undefined) ids.push(each.token.id);
          else if (!(yield* this.#encodeText(each.text, section, { ...options, ids })))
            throw yield* this.#lossOf(each, parts, what);
          if (ids.length > maxTokens) throw tooManyTokens(options, ids.length);
          section++;
        }
      }
    } catch (cause) {
      throw asDiffusionError(cause, `encode ${what}`);
    }
    return ids;
  }

  /** The minimum number of tokens of a text with `units` UTF-16 units. */
  minTokens(units: number): number {
    return this.#maxUnitsPerToken === undefined ? 0 : Math.ceil(units / this.#maxUnitsPerToken);
  }

  /** As `Tokenizer.findSpecials`, with pauses. */
  *findSpecials(text: string): Pausing<SpecialMatch[]> {
    try {
      const found = yield* this.#specialsIn(text);
      return found.length > 0 ? found : yield* this.#specialsIn(yield* this.#model.normalize(text));
    } catch (cause) {
      throw asDiffusionError(cause, "find special tokens");
    }
  }

  *#specialsIn(text: string): Pausing<SpecialMatch[]> {
    const found: SpecialMatch[] = [];
    for (const segment of this.#special.split(text)) {
      if (segment === undefined) yield;
      else if (segment.token !== undefined) found.push({ text: segment.text, position: segment.start });
    }
    return found;
  }

  /** The special tokens of parts in which they are parsed, and the text between two of them as one segment. */
  *#segments(parts: readonly TextPart[], what: string): Segments {
    let between: Segment | undefined;
    let start = 0;
    for (const part of parts) {
      if (part.special === "refuse") yield* this.#refuse(part, what);
      const whole: Segment = { start, text: part.text };
      for (const segment of part.special === "parse" ? this.#special.split(part.text, start) : [whole]) {
        if (segment === undefined) yield undefined;
        else if (segment.token !== undefined) {
          if (between !== undefined) yield between;
          between = undefined;
          yield segment;
        } else if (between === undefined) between = segment;
        else between = { start: between.start, text: between.text + segment.text };
      }
      start += part.text.length;
    }
    if (between !== undefined && between.text !== "") yield between;
  }

  /** Appends the tokens of a text in which no special tokens are parsed. Returns whether they decode to the text. */
  *#encodeText(
    text: string,
    section: number,
    { ids, ...options }: EncodingOptions & { readonly ids: number[] },
  ): Pausing<boolean> {
    for (const segment of this.#normalized.split(yield* this.#model.normalize(text))) {
      if (segment === undefined) {
        yield;
        continue;
      }
      if (segment.token !== undefined) {
        ids.push(segment.token.id);
        continue;
      }
      const first = ids.length;
      for (const tokens of this.#model.tokens(segment.text, section)) {
        yield;
        // a vocabulary may give a special token and a text the same id: then the text counts as lost
        for (const id of tokens ?? []) if (!this.#specialIds.has(id)) ids.push(id);
        if (ids.length > options.maxTokens) throw tooManyTokens(options, ids.length);
      }
      if (!(yield* this.#decodesTo(segment.text, ids, first))) return false;
    }
    return true;
  }

  /** Whether the tokens from `first` on decode to a normalized text, except for changes that the tokenizer may make. */
  *#decodesTo(text: string, ids: readonly number[], first: number): Pausing<boolean> {
    const pieces: string[] = [];
    let end = 0;
    let same = true;
    for (const piece of this.#decode(ids, first)) {
      same &&= text.startsWith(piece, end);
      end += piece.length;
      pieces.push(piece);
      yield;
    }
    if (same && end === text.length) return true;
    const decoded = pieces.join("");
    if (yield* isFaithful(text, decoded, this.#fidelity)) return true;
    return yield* isFaithful(text, yield* this.#model.normalize(decoded), this.#fidelity);
  }

  *#lossOf({ text, start }: Segment, parts: readonly TextPart[], what: string): Pausing<DiffusionError> {
    const { leading, whiteSpace } = this.#fidelity;
    const alone: EncodingOptions = { what, maxTokens: Infinity };
    return yield* lossError({
      text,
      start,
      parts,
      what,
      units: whiteSpace ? "words" : "characters",
      // twice, as a single one could count as the leading space that the tokenizer may drop
      encodes: (unit) => this.#encodeText(leading === "" ? unit : unit + unit, 1, { ...alone, ids: [] }),
    });
  }

  *#refuse({ text, name }: TextPart, what: string): Generator<undefined, void, undefined> {
    const special = (yield* this.findSpecials(text))[0];
    if (special === undefined) return;
    throw new DiffusionError(
      "text",
      `Cannot encode ${what} as ${name ?? "it"} must not contain special tokens: found '${special.text}' at position ${special.position}`,
    );
  }

  /** No limit exists if tokens include white space, or if the decoder inserts white space by rule. */
  #findMaxUnitsPerToken(): number | undefined {
    const splitters = [this.#special, this.#ordinary, this.#normalized];
    const { maxShrinkage } = this.#model;
    const strips = splitters.some(({ stripsWhiteSpace }) => stripsWhiteSpace);
    if (maxShrinkage === undefined || this.#fidelity.whiteSpace || strips) return undefined;
    let maxLength = splitters.reduce((max, splitter) => Math.max(max, splitter.maxLength), 1);
    for (const token of this.#model.idOf.keys()) maxLength = Math.max(maxLength, token.length);
    return maxLength * maxShrinkage;
  }
}

/** Completes the message of an EncodingError; returns any other error unchanged. */
function asDiffusionError(cause: unknown, what: string): unknown {
  if (!(cause instanceof EncodingError)) return cause;
  return new DiffusionError("text", `Cannot ${what} as ${cause.message}`);
}

function tooManyTokens({ what, maxTokens }: EncodingOptions, count: number): DiffusionError {
  const message = `Cannot encode ${what} as it may have at most ${maxTokens} tokens: found at least ${count}`;
  return new DiffusionError("context-exceeded", message);
}
