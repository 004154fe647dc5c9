/**
 * The normalizers of a tokenizer.json, which change a text before it is split into words.
 * Source: Hugging Face tokenizers, `normalizers`.
 */
import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import type { Pausing } from "../pausing.ts";
import { endOfWhiteSpace, isWhiteSpace, piecesOf, startOfWhiteSpace } from "./characters.ts";
import { matches } from "./matches.ts";
import { separablePieces, type UnicodeForm, unicodeForm } from "./unicodeForm.ts";

export type Normalizer = (text: string) => Pausing<string>;

interface NormalizerContext {
  /** Reads the regular expression of a `Replace`. */
  readonly pattern: (node: JsonObject) => RegExp;
  /** Reads a `Precompiled` table, for pieces that can be normalized independently. */
  readonly precompiled: (node: JsonObject) => (text: string) => string;
  /** The file, as errors name it. */
  readonly name: string;
}

/** UTF-16 units between two pauses. */
const pieceLength = 16_384;

// biome-ignore lint/correctness/useYield: returning the text unchanged needs no pause
const unchanged: Normalizer = function* (text) {
  return text;
};

const inSequence = (first: Normalizer, second: Normalizer): Normalizer =>
  function* (text) {
    return yield* second(yield* first(text));
  };

/** Changes a text piece by piece, for changes that do not depend on neighbouring characters. */
const eachPiece = (change: (piece: string) => string): Normalizer =>
  function* (text) {
    let out = "";
    for (const piece of piecesOf(text, pieceLength)) {
      if (out !== "") yield;
      out += change(piece);
    }
    return out;
  };

const form =
  (name: UnicodeForm): Normalizer =>
  (text) =>
    unicodeForm(text, name);

/** Splits at sigma: `toLowerCase` maps a sigma at the end of a word to a final sigma, which Rust does not. */
const lowercase = eachPiece((piece) =>
  piece
    .split("Σ")
    .map((part) => part.toLowerCase())
    .join("σ"),
);

const without = (pattern: RegExp) => eachPiece((piece) => piece.replace(pattern, ""));

/** Replaces each match of a pattern by the same text. */
const replaced = (pattern: RegExp, content: string): Normalizer =>
  function* (text) {
    let out = "";
    let end = 0;
    for (const match of matches(text, pattern)) {
      if (match === undefined) yield;
      else {
        out += text.slice(end, match.start) + content;
        end = match.end;
      }
    }
    return out + text.slice(end);
  };

const stripped = (left: boolean, right: boolean): Normalizer =>
  // biome-ignore lint/correctness/useYield: only the white space at the ends is read
  function* (text) {
    const start = left ? endOfWhiteSpace(text, 0) : 0;
    return text.slice(start, right ? startOfWhiteSpace(text, start, text.length) : text.length);
  };

const prepended = (prefix: string): Normalizer =>
  // biome-ignore lint/correctness/useYield: the text is not read
  function* (text) {
    return text === "" ? text : prefix + text;
  };

const ideographs =
  /[\u4E00-\u9FFF\u3400-\u4DBF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;

function bert(node: JsonObject): Normalizer {
  const lower = node["lowercase"] !== false;
  const cleaned = eachPiece((piece) => {
    let out = "";
    for (const character of piece) {
      const kept = /[\t\n\r]/.test(character);
      // U+0085 is white space and a control character: removed
      if (!kept && /[\uFFFD\p{Cc}\p{Cf}\p{Cn}\p{Co}]/u.test(character)) continue;
      out += kept || isWhiteSpace(character.charCodeAt(0)) ? " " : character;
    }
    return out;
  });
  const steps: Normalizer[] = [];
  if (node["clean_text"] !== false) steps.push(cleaned);
  if (node["handle_chinese_chars"] !== false)
    steps.push(eachPiece((piece) => piece.replace(ideographs, " $& ")));
  if (node["strip_accents"] ?? lower) steps.push(form("NFD"), without(/\p{Mn}/gu));
  if (lower) steps.push(lowercase);
  return steps.reduce(inSequence, unchanged);
}

function replace(node: JsonObject, { pattern, name }: NormalizerContext): Normalizer {
  const { content } = node;
  if (typeof content === "string") return replaced(pattern(node), content);
  throw new DiffusionError(
    "invalid-file",
    `Cannot read '${name}' as a 'Replace' normalizer must have a 'content': found ${found(content)}`,
  );
}

/** The library first drops control characters, so a mark behind one combines with the character before it. */
function precompiled(change: (text: string) => string): Normalizer {
  return function* (text) {
    let out = "";
    for (const piece of separablePieces(text, { alsoWith: /^\p{Cc}/u })) {
      if (out !== "") yield;
      out += change(piece);
    }
    return out;
  };
}

/** Reads a `normalizer` node. @throws DiffusionError `unsupported` for an unknown normalizer, `invalid-file` */
export function readNormalizer(node: unknown, context: NormalizerContext): Normalizer {
  if (node === null || node === undefined) return unchanged;
  const type = isJsonObject(node) ? node["type"] : undefined;
  if (isJsonObject(node)) {
    switch (type) {
      case "Sequence": {
        const nodes = Array.isArray(node["normalizers"]) ? node["normalizers"] : [];
        return nodes.map((each) => readNormalizer(each, context)).reduce(inSequence, unchanged);
      }
      case "NFC":
      case "NFD":
      case "NFKC":
      case "NFKD":
        return form(type);
      case "Lowercase":
        return lowercase;
      case "StripAccents":
        return without(/\p{M}/gu);
      case "Strip":
        return stripped(node["strip_left"] !== false, node["strip_right"] !== false);
      case "Prepend":
        return prepended(String(node["prepend"] ?? ""));
      case "Replace":
        return replace(node, context);
      case "BertNormalizer":
        return bert(node);
      case "Precompiled":
        return precompiled(context.precompiled(node));
    }
  }
  throw new DiffusionError(
    "unsupported",
    `Cannot read '${context.name}' as its normalizer is not known: found ${found(type)}`,
  );
}

/** The largest factor by which a normalizer can shorten a text, in UTF-16 units; undefined if there is no limit. */
export function maxShrinkageOf(node: unknown): number | undefined {
  if (node === null || node === undefined) return 1;
  if (!isJsonObject(node)) return undefined;
  switch (node["type"]) {
    case "Sequence": {
      const nodes = Array.isArray(node["normalizers"]) ? node["normalizers"] : [];
      return nodes
        .map(maxShrinkageOf)
        .reduce((all, each) => (all === undefined || each === undefined ? undefined : all * each), 1);
    }
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      return 4; // a Greek letter with three marks
    case "Lowercase":
    case "Prepend":
      return 1;
    case "Replace": {
      const pattern = isJsonObject(node["pattern"]) ? node["pattern"]["String"] : undefined;
      const { content } = node;
      if (typeof pattern !== "string" || typeof content !== "string" || content === "") return undefined;
      return Math.max(1, pattern.length / content.length);
    }
  }
  return undefined;
}
