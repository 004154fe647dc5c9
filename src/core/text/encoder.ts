/**
 * Encoding that loses nothing and that users cannot steer. The library's encoder does neither: a BPE without
 * unknown token drops characters that its vocabulary lacks, and it reads `<|mask|>` in a prompt as the mask.
 */
import { DiffusionError } from "../error.ts";
import { type AddedToken, AddedTokenSplitter, type Stretch } from "./addedTokens.ts";
import { type Fidelity, survives } from "./fidelity.ts";
import type { TextModel } from "./library.ts";
import { lossError } from "./loss.ts";
import type { TextPart } from "./textPart.ts";

/** A special token's text in another text. */
export interface SpecialMatch {
  readonly text: string;
  /** In UTF-16 units. */
  readonly position: number;
}

export class StrictEncoder {
  readonly #model: TextModel;
  readonly #decode: (ids: readonly number[]) => string;
  readonly #fidelity: Fidelity;
  readonly #specialIds: ReadonlySet<number>;
  readonly #special: AddedTokenSplitter;
  readonly #ordinary: AddedTokenSplitter;
  readonly #normalized: AddedTokenSplitter;

  /**
   * Takes the special tokens out of the model's vocabulary, so that plain text cannot be one of its tokens.
   * @param options.decode the text of tokens, special ones included
   */
  constructor(options: {
    readonly model: TextModel;
    readonly added: readonly AddedToken[];
    readonly decode: (ids: readonly number[]) => string;
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
      (token) => this.#model.normalize(token.text),
    );
  }

  /** As `Tokenizer.encodeParts`. */
  encode(parts: readonly TextPart[], what: string): number[] {
    const ids: number[] = [];
    let section = 0;
    for (const stretch of this.#stretches(parts, what)) {
      for (const { token, text, start } of stretch.token
        ? [stretch]
        : this.#ordinary.split(stretch.text, stretch.start)) {
        if (token !== undefined) ids.push(token.id);
        else if (!this.#encodeText(text, section, ids)) {
          throw lossError({
            text,
            start,
            parts,
            what,
            units: this.#fidelity.whiteSpace ? "words" : "characters",
            keeps: (unit) => this.#keeps(unit),
          });
        }
        section++;
      }
    }
    return ids;
  }

  /** As `Tokenizer.findSpecials`. */
  findSpecials(text: string): SpecialMatch[] {
    const matchesIn = (form: string) => this.#special.split(form).filter((each) => each.token !== undefined);
    const matches = matchesIn(text);
    const found = matches.length > 0 ? matches : matchesIn(this.#model.normalize(text));
    return found.map((match) => ({ text: match.text, position: match.start }));
  }

  /** The special tokens that are to be parsed, and all that stands between two of them as one. */
  #stretches(parts: readonly TextPart[], what: string): Stretch[] {
    const stretches: Stretch[] = [];
    let start = 0;
    for (const part of parts) {
      if (part.special === "refuse") this.#refuse(part, what);
      const inPart =
        part.special === "parse" ? this.#special.split(part.text, start) : [{ start, text: part.text }];
      for (const stretch of inPart) {
        const last = stretches.at(-1);
        if (last === undefined || last.token !== undefined || stretch.token !== undefined)
          stretches.push(stretch);
        else stretches[stretches.length - 1] = { start: last.start, text: last.text + stretch.text };
      }
      start += part.text.length;
    }
    return stretches;
  }

  /** Appends the tokens of a text without special tokens; returns whether nothing was lost. */
  #encodeText(text: string, section: number, ids: number[]): boolean {
    for (const stretch of this.#normalized.split(this.#model.normalize(text))) {
      if (stretch.token !== undefined) {
        ids.push(stretch.token.id);
        continue;
      }
      const own: number[] = [];
      for (const token of this.#model.tokenize(stretch.text, section)) {
        const id = this.#model.idOf.get(token);
        // a vocabulary may give one id to a special token and to some text: that text counts as lost
        if (id !== undefined && !this.#specialIds.has(id)) own.push(id);
      }
      const decoded = this.#decode(own);
      const same = (text: string) => survives(stretch.text, text, this.#fidelity);
      if (!same(decoded) && !same(this.#model.normalize(decoded))) return false;
      for (const id of own) ids.push(id);
    }
    return true;
  }

  #keeps(unit: string): boolean {
    // two of it, where one might pass for the space that the tokenizer may drop
    return this.#encodeText(this.#fidelity.leading === "" ? unit : unit + unit, 1, []);
  }

  #refuse({ text, name }: TextPart, what: string): void {
    const special = this.findSpecials(text)[0];
    if (special === undefined) return;
    throw new DiffusionError(
      "text",
      `Cannot encode ${what} as ${name ?? "it"} must not hold special tokens: found '${special.text}' at position ${special.position}`,
    );
  }
}
