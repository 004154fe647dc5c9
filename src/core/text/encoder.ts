/**
 * Encoding that loses nothing, that users cannot steer, and that pauses. A BPE without unknown token drops characters
 * that its vocabulary lacks, and would read `<|mask|>` in a prompt as the mask.
 */
import { DiffusionError } from "../error.ts";
import type { Pausing } from "../pausing.ts";
import { AddedTokenSplitter, type Stretch, type Stretches } from "./addedTokenSplitter.ts";
import type { AddedToken } from "./addedTokens.ts";
import { type Fidelity, survives } from "./fidelity.ts";
import { lossError } from "./loss.ts";
import type { TextModel } from "./textModel.ts";
import type { TextPart } from "./textPart.ts";
import { UnreadableText } from "./unreadableText.ts";

/** A special token's text in another text. */
export interface SpecialMatch {
  readonly text: string;
  /** In UTF-16 units. */
  readonly position: number;
}

/** How errors name a text, and the most tokens that it may have. */
export interface EncodingOptions {
  readonly what: string;
  readonly maxTokens: number;
}

/** The text of the tokens from an index on, special ones included, in pieces. */
type Decode = (ids: readonly number[], first: number) => Iterable<string>;

export class StrictEncoder {
  readonly #model: TextModel;
  readonly #decode: Decode;
  readonly #fidelity: Fidelity;
  readonly #specialIds: ReadonlySet<number>;
  readonly #special: AddedTokenSplitter;
  readonly #ordinary: AddedTokenSplitter;
  readonly #normalized: AddedTokenSplitter;
  /** UTF-16 units of a text for which one token can stand; undefined where there is no limit. */
  readonly #unitsAToken: number | undefined;

  /**
   * Takes the special tokens out of the model's vocabulary, so that plain text cannot be one of its tokens.
   * @param options.normalizedOf a text as the model's normalizer leaves it
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
    this.#unitsAToken = this.#longestToken();
  }

  /** As `Tokenizer.encodeParts`, with pauses. */
  *encode(parts: readonly TextPart[], options: EncodingOptions): Pausing<number[]> {
    const { what, maxTokens } = options;
    const least = this.leastTokens(parts.reduce((sum, { text }) => sum + text.length, 0));
    if (least > maxTokens) throw tooMany(options, least);
    const ids: number[] = [];
    let section = 0;
    try {
      for (const stretch of this.#stretches(parts, what)) {
        if (stretch === undefined) {
          yield;
          continue;
        }
        for (const each of stretch.token ? [stretch] : this.#ordinary.split(stretch.text, stretch.start)) {
          if (each === undefined) {
            yield;
            continue;
          }
          if (each.token !== undefined) ids.push(each.token.id);
          else if (!(yield* this.#encodeText(each.text, section, { ...options, ids })))
            throw yield* this.#lossOf(each, parts, what);
          if (ids.length > maxTokens) throw tooMany(options, ids.length);
          section++;
        }
      }
    } catch (cause) {
      throw readable(cause, `encode ${what}`);
    }
    return ids;
  }

  /** The fewest tokens that a text of so many UTF-16 units can have. */
  leastTokens(units: number): number {
    return this.#unitsAToken === undefined ? 0 : Math.ceil(units / this.#unitsAToken);
  }

  /** As `Tokenizer.findSpecials`, with pauses. */
  *findSpecials(text: string): Pausing<SpecialMatch[]> {
    try {
      const found = yield* this.#specialsIn(text);
      return found.length > 0 ? found : yield* this.#specialsIn(yield* this.#model.normalize(text));
    } catch (cause) {
      throw readable(cause, "find special tokens");
    }
  }

  *#specialsIn(text: string): Pausing<SpecialMatch[]> {
    const found: SpecialMatch[] = [];
    for (const stretch of this.#special.split(text)) {
      if (stretch === undefined) yield;
      else if (stretch.token !== undefined) found.push({ text: stretch.text, position: stretch.start });
    }
    return found;
  }

  /** The special tokens that are to be parsed, and all that stands between two of them as one. */
  *#stretches(parts: readonly TextPart[], what: string): Stretches {
    let between: Stretch | undefined;
    let start = 0;
    for (const part of parts) {
      if (part.special === "refuse") yield* this.#refuse(part, what);
      const whole: Stretch = { start, text: part.text };
      for (const stretch of part.special === "parse" ? this.#special.split(part.text, start) : [whole]) {
        if (stretch === undefined) yield undefined;
        else if (stretch.token !== undefined) {
          if (between !== undefined) yield between;
          between = undefined;
          yield stretch;
        } else if (between === undefined) between = stretch;
        else between = { start: between.start, text: between.text + stretch.text };
      }
      start += part.text.length;
    }
    if (between !== undefined && between.text !== "") yield between;
  }

  /** Appends the tokens of a text without special tokens; returns whether nothing was lost. */
  *#encodeText(
    text: string,
    section: number,
    { ids, ...options }: EncodingOptions & { readonly ids: number[] },
  ): Pausing<boolean> {
    for (const stretch of this.#normalized.split(yield* this.#model.normalize(text))) {
      if (stretch === undefined) {
        yield;
        continue;
      }
      if (stretch.token !== undefined) {
        ids.push(stretch.token.id);
        continue;
      }
      const first = ids.length;
      for (const tokens of this.#model.tokens(stretch.text, section)) {
        yield;
        // a vocabulary may give one id to a special token and to some text: that text counts as lost
        for (const id of tokens ?? []) if (!this.#specialIds.has(id)) ids.push(id);
        if (ids.length > options.maxTokens) throw tooMany(options, ids.length);
      }
      if (!(yield* this.#comesBack(stretch.text, ids, first))) return false;
    }
    return true;
  }

  /** Whether the tokens from `first` on are a normalized text, but for what the tokenizer may change. */
  *#comesBack(text: string, ids: readonly number[], first: number): Pausing<boolean> {
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
    if (yield* survives(text, decoded, this.#fidelity)) return true;
    return yield* survives(text, yield* this.#model.normalize(decoded), this.#fidelity);
  }

  *#lossOf({ text, start }: Stretch, parts: readonly TextPart[], what: string): Pausing<DiffusionError> {
    const { leading, whiteSpace } = this.#fidelity;
    const alone: EncodingOptions = { what, maxTokens: Infinity };
    return yield* lossError({
      text,
      start,
      parts,
      what,
      units: whiteSpace ? "words" : "characters",
      // two of it, where one might pass for the space that the tokenizer may drop
      keeps: (unit) => this.#encodeText(leading === "" ? unit : unit + unit, 1, { ...alone, ids: [] }),
    });
  }

  *#refuse({ text, name }: TextPart, what: string): Generator<undefined, void, undefined> {
    const special = (yield* this.findSpecials(text))[0];
    if (special === undefined) return;
    throw new DiffusionError(
      "text",
      `Cannot encode ${what} as ${name ?? "it"} must not hold special tokens: found '${special.text}' at position ${special.position}`,
    );
  }

  /** White space may vanish where a token takes it along, or where words are put together by rule. */
  #longestToken(): number | undefined {
    const splitters = [this.#special, this.#ordinary, this.#normalized];
    const { shrinkage } = this.#model;
    if (shrinkage === undefined || this.#fidelity.whiteSpace || splitters.some(({ strips }) => strips))
      return undefined;
    let longest = splitters.reduce((most, splitter) => Math.max(most, splitter.longest), 1);
    for (const token of this.#model.idOf.keys()) longest = Math.max(longest, token.length);
    return longest * shrinkage;
  }
}

/** A text that cannot be read as an error for its reader; any other error as it is. */
function readable(cause: unknown, what: string): unknown {
  if (!(cause instanceof UnreadableText)) return cause;
  return new DiffusionError("text", `Cannot ${what} as ${cause.message}`);
}

function tooMany({ what, maxTokens }: EncodingOptions, count: number): DiffusionError {
  const message = `Cannot encode ${what} as it may have at most ${maxTokens} tokens: found at least ${count}`;
  return new DiffusionError("context-exceeded", message);
}
