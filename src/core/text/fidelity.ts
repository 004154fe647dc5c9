import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import type { Pausing } from "../pausing.ts";
import { piecesOf } from "./characters.ts";

/** The changes to a text that a tokenizer may make and that do not count as loss. */
export interface Fidelity {
  /** Characters of which one may be added or dropped at the start of the text: a space, or the symbol that replaces it. */
  readonly leading: string;
  /** Whether all white space may change: the tokenizer splits at white space, and the decoder inserts it by rule. */
  readonly whiteSpace: boolean;
}

/** A normalizer, pre-tokenizer or decoder, and its parts if it is a sequence. */
export function* partsOf(node: unknown): Generator<JsonObject> {
  if (!isJsonObject(node)) return;
  yield node;
  for (const key of ["normalizers", "pretokenizers", "decoders"]) {
    const inner = node[key];
    if (Array.isArray(inner)) for (const part of inner) yield* partsOf(part);
  }
}

/** Reads the allowed changes from a tokenizer.json. Byte-level BPE allows none. */
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

/** Whether `decoded` equals `text`, except for the allowed changes. */
export function* isFaithful(
  text: string,
  decoded: string,
  { leading, whiteSpace }: Fidelity,
): Pausing<boolean> {
  if (text === decoded) return true;
  const withoutLeading = (from: string) => (from !== "" && leading.includes(from[0]!) ? from.slice(1) : from);
  if (withoutLeading(text) === decoded || text === withoutLeading(decoded)) return true;
  return whiteSpace && (yield* withoutSpaces(text)) === (yield* withoutSpaces(decoded));
}
