import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import type { Pausing } from "../pausing.ts";
import { piecesOf } from "./characters.ts";

/** What a tokenizer may change in text without losing any of it. */
export interface Fidelity {
  /** The characters of which one may be added or dropped at the start: none, a space, or what stands for one. */
  readonly leading: string;
  /** All white space: the tokenizer splits at it and its decoder puts it back by rule. */
  readonly whiteSpace: boolean;
}

/** A normalizer, pre-tokenizer or decoder and all that it is a sequence of. */
export function* partsOf(node: unknown): Generator<JsonObject> {
  if (!isJsonObject(node)) return;
  yield node;
  for (const key of ["normalizers", "pretokenizers", "decoders"]) {
    const inner = node[key];
    if (Array.isArray(inner)) for (const part of inner) yield* partsOf(part);
  }
}

/** Reads from a tokenizer.json what must survive encoding: everything, for byte-level BPE. */
export function readFidelity(file: JsonObject): Fidelity {
  const parts = ["normalizer", "pre_tokenizer", "decoder"].flatMap((key) => [...partsOf(file[key])]);
  const has = (...types: string[]) => parts.some((part) => types.includes(part["type"] as string));
  const prefixed = [...partsOf(file["pre_tokenizer"])].some((part) => part["add_prefix_space"] === true);
  const spaced = prefixed || has("Metaspace", "Strip");
  return {
    leading: has("Prepend") ? " ▁" : spaced ? " " : "",
    whiteSpace:
      !isJsonObject(file["decoder"]) || has("WordPiece", "BertPreTokenizer", "Whitespace", "WhitespaceSplit"),
  };
}

/** UTF-16 units that are compared between two pauses. */
const pieceLength = 16_384;

function* withoutSpaces(text: string): Pausing<string> {
  let out = "";
  for (const piece of piecesOf(text, pieceLength)) {
    out += piece.replace(/\p{White_Space}+/gu, "");
    yield;
  }
  return out;
}

/** Whether `decoded` is `text` again, but for what the tokenizer may change. */
export function* survives(
  text: string,
  decoded: string,
  { leading, whiteSpace }: Fidelity,
): Pausing<boolean> {
  if (text === decoded) return true;
  const withoutLeading = (from: string) => (from !== "" && leading.includes(from[0]!) ? from.slice(1) : from);
  if (withoutLeading(text) === decoded || text === withoutLeading(decoded)) return true;
  return whiteSpace && (yield* withoutSpaces(text)) === (yield* withoutSpaces(decoded));
}
