/**
 * The pre-tokenizers of a tokenizer.json, which split normalized text into words for the model.
 * Source: Hugging Face tokenizers, `pre_tokenizers`. White space, digits and words are defined as in Rust.
 */
import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import { byteText } from "./byteAlphabet.ts";
import { piecesOf, wordClass } from "./characters.ts";
import { matches } from "./matches.ts";

/** Pieces of a text in order; undefined where the caller may pause. */
export type Pieces = Generator<string | undefined, void, undefined>;

/**
 * Splits a text, and may change it.
 * @param section the index of the text among the text's segments; 0 for the first
 */
export type PreTokenizer = (text: string, section: number) => Pieces;

/** UTF-16 units between two pauses when a text is changed without being split. */
const pieceLength = 16_384;

/** Splits at the matches of a pattern. `use` selects whether the matches, and the texts between them, become words. */
export const splitAt = (pattern: RegExp, use: { matches: boolean; between: boolean }): PreTokenizer =>
  function* (text) {
    let end = 0;
    for (const match of matches(text, pattern)) {
      if (match === undefined) {
        yield undefined;
        continue;
      }
      if (use.between && match.start > end) yield text.slice(end, match.start);
      if (use.matches) yield text.slice(match.start, match.end);
      end = match.end;
    }
    if (use.between && end < text.length) yield text.slice(end);
  };

const isolated = { matches: true, between: true };
const between = { matches: false, between: true };
const matched = { matches: true, between: false };

const whiteSpace = splitAt(/\p{White_Space}+/gu, between);
const punctuation = "\\p{P}\\u0021-\\u002F\\u003A-\\u0040\\u005B-\\u0060\\u007B-\\u007E";
const eachPunctuation = splitAt(new RegExp(`[${punctuation}]`, "gu"), isolated);
const anyPunctuation = splitAt(new RegExp(`[${punctuation}]+`, "gu"), isolated);
const byteWords = splitAt(
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu,
  isolated,
);

/** Passes the words of the first pre-tokenizer to the second. */
const inSequence = (first: PreTokenizer, second: PreTokenizer): PreTokenizer =>
  function* (text, section) {
    for (const piece of first(text, section)) {
      if (piece === undefined) yield undefined;
      else yield* second(piece, section);
    }
  };

/** Returns the text as one word. */
export const asOne: PreTokenizer = function* (text) {
  if (text !== "") yield text;
};

/** Changes a text piece by piece without splitting it. */
const changed = (change: (piece: string) => string): PreTokenizer =>
  function* (text) {
    let word = "";
    for (const piece of piecesOf(text, pieceLength)) {
      if (word !== "") yield undefined;
      word += change(piece);
    }
    yield word;
  };

const toBytes = changed(byteText);

function byteLevel(node: JsonObject): PreTokenizer {
  const prefixed: PreTokenizer = function* (text) {
    yield text.startsWith(" ") ? text : ` ${text}`;
  };
  const words = node["use_regex"] === false ? toBytes : inSequence(byteWords, toBytes);
  return node["add_prefix_space"] === true ? inSequence(prefixed, words) : words;
}

function metaspace(node: JsonObject): PreTokenizer {
  const replacement = String(node["replacement"] ?? "▁");
  const scheme = node["prepend_scheme"] ?? (node["add_prefix_space"] === false ? "never" : "always");
  const replaced = changed((piece) => piece.replaceAll(" ", replacement));
  const prefixed: PreTokenizer = function* (text, section) {
    for (const piece of replaced(text, section)) {
      const leads = scheme === "always" || (scheme === "first" && section === 0);
      if (piece === undefined) yield undefined;
      else yield leads && !piece.startsWith(replacement) ? replacement + piece : piece;
    }
  };
  if (node["split"] === false) return prefixed;
  return inSequence(prefixed, wordsThatStartWith(replacement));
}

/** Splits before each `mark`. */
const wordsThatStartWith = (mark: string): PreTokenizer =>
  function* (text) {
    for (let start = 0; start < text.length; ) {
      const next = text.indexOf(mark, start + 1);
      const end = next < 0 ? text.length : next;
      yield text.slice(start, end);
      start = end;
    }
  };

/** Splits into words of `length` characters. */
const fixedLength = (length: number): PreTokenizer =>
  function* (text) {
    let word = "";
    let count = 0;
    for (const character of text) {
      word += character;
      if (++count % length !== 0) continue;
      yield word;
      word = "";
    }
    if (word !== "") yield word;
  };

interface PreTokenizerContext {
  /** Reads the regular expression of a `Split`. */
  readonly pattern: (node: JsonObject) => RegExp;
  /** Applies the tokenizer's normalizer. */
  readonly normalize: (text: string) => string;
  /** The file, as errors name it. */
  readonly name: string;
}

/** Gemma's `MergedWithPrevious` split at spaces has no effect, as its normalizer leaves no spaces. */
function split(node: JsonObject, { pattern, normalize, name }: PreTokenizerContext): PreTokenizer {
  const { behavior } = node;
  const [removed, kept] = [/^removed$/i, /^isolated$/i].map((each) => each.test(String(behavior)));
  const literal = isJsonObject(node["pattern"]) ? node["pattern"]["String"] : undefined;
  if (behavior !== undefined && !removed && !kept) {
    if (typeof literal === "string" && !normalize(literal).includes(literal)) return asOne;
    throw new DiffusionError(
      "unsupported",
      `Cannot read '${name}' as its pre-tokenizer must split as 'Isolated' or 'Removed': found ${found(behavior)}`,
    );
  }
  if (!removed) return splitAt(pattern(node), isolated);
  return splitAt(pattern(node), node["invert"] === true ? matched : between);
}

/** Reads a `pre_tokenizer` node. @throws DiffusionError `unsupported` for an unknown pre-tokenizer */
export function readPreTokenizer(node: unknown, context: PreTokenizerContext): PreTokenizer {
  if (node === null || node === undefined) return asOne;
  const type = isJsonObject(node) ? node["type"] : undefined;
  if (isJsonObject(node)) {
    switch (type) {
      case "Sequence": {
        const nodes = Array.isArray(node["pretokenizers"]) ? node["pretokenizers"] : [];
        return nodes.map((each) => readPreTokenizer(each, context)).reduce(inSequence, asOne);
      }
      case "ByteLevel":
        return byteLevel(node);
      case "Split":
        return split(node, context);
      case "Metaspace":
        return metaspace(node);
      case "Whitespace":
        return splitAt(new RegExp(`[${wordClass}]+|[^${wordClass}\\p{White_Space}]+`, "gu"), matched);
      case "WhitespaceSplit":
        return whiteSpace;
      case "BertPreTokenizer":
        return inSequence(whiteSpace, eachPunctuation);
      case "Punctuation":
        return node["behavior"] === "Contiguous" ? anyPunctuation : punctuationAt(node, context);
      case "Digits":
        return splitAt(node["individual_digits"] === true ? /\p{N}/gu : /\p{N}+/gu, isolated);
      case "FixedLength":
        return fixedLength(Number(node["length"]));
    }
  }
  throw new DiffusionError(
    "unsupported",
    `Cannot read '${context.name}' as its pre-tokenizer is not known: found ${found(type)}`,
  );
}

function punctuationAt(node: JsonObject, { name }: PreTokenizerContext): PreTokenizer {
  const behavior = node["behavior"] ?? "Isolated";
  if (behavior === "Isolated") return eachPunctuation;
  if (behavior === "Removed") return splitAt(new RegExp(`[${punctuation}]`, "gu"), between);
  throw new DiffusionError(
    "unsupported",
    `Cannot read '${name}' as its pre-tokenizer must split at punctuation as 'Isolated', 'Removed' or 'Contiguous': found ${found(behavior)}`,
  );
}
