/**
 * The decoder of a tokenizer.json as a stream: it takes tokens one by one and returns the text that no later token can
 * change. Complete and growing sequences use the same mechanism, so their texts are equal by construction. The decoders of
 * @huggingface/tokenizers take only complete sequences, drop a byte order mark in byte fallback, search all added tokens
 * for every token, and fail on ids without a token.
 */
import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import {
  byteFallback,
  byteLevel,
  fuse,
  perToken,
  type Stage,
  stripStart,
  stripStop,
} from "./decoderStages.ts";

/** A token as it is written in the vocabulary. */
export interface Piece {
  readonly text: string;
  /** Whether the token is an added token, which decodes to its own text. */
  readonly added: boolean;
}

/** The decoder's state for one sequence. */
export interface TextStream {
  /** Takes the next token and returns the text that became final with it. */
  push(piece: Piece): string;
  /** Returns the remaining text; incomplete characters become U+FFFD. */
  finish(): string;
}

/** BERT's clean-up of the spaces that its decoder inserts between words. */
const cleaned = (text: string) =>
  text
    .replace(/ ([.?!,])/g, "$1")
    .replaceAll(" ' ", "'")
    .replace(/ (n't|'m|'s|'ve|'re)/g, "$1");

function replaceStage(node: JsonObject, name: string): Stage {
  const pattern = isJsonObject(node["pattern"]) ? node["pattern"]["String"] : undefined;
  const content = node["content"];
  if (typeof pattern !== "string" || typeof content !== "string") {
    throw new DiffusionError(
      "unsupported",
      `Cannot read '${name}' as its decoder must replace a plain string: found ${found(node)}`,
    );
  }
  return perToken((token) => token.replaceAll(pattern, () => content));
}

function stripStage(node: JsonObject): Stage {
  const content = String(node["content"] ?? " ");
  const start = stripStart(content, Number(node["start"] ?? 0));
  const stop = Number(node["stop"] ?? 0);
  if (stop === 0) return start;
  return (next) => start(stripStop(content, stop)(next));
}

function metaspaceStage(node: JsonObject): Stage {
  const replacement = String(node["replacement"] ?? "▁");
  const prefixed = node["prepend_scheme"] !== "never" && node["add_prefix_space"] !== false;
  return perToken((token, index) => {
    const text = token.replaceAll(replacement, " ");
    return prefixed && index === 0 && text.startsWith(" ") ? text.slice(1) : text;
  });
}

function wordPieceStage(node: JsonObject): Stage {
  const prefix = String(node["prefix"] ?? "##");
  const clean = node["cleanup"] !== false;
  return perToken((token, index) => {
    const joined = token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
    const text = index === 0 ? token : joined;
    return clean ? cleaned(text) : text;
  });
}

function stageOf(node: unknown, name: string): Stage {
  // without a decoder, each token is a word
  if (node === null || node === undefined)
    return perToken((token, index) => (index > 0 ? ` ${token}` : token));
  const type = isJsonObject(node) ? node["type"] : undefined;
  if (isJsonObject(node)) {
    switch (type) {
      case "ByteLevel":
        return byteLevel;
      case "ByteFallback":
        return byteFallback;
      case "Fuse":
        return fuse;
      case "Replace":
        return replaceStage(node, name);
      case "Strip":
        return stripStage(node);
      case "Metaspace":
        return metaspaceStage(node);
      case "WordPiece":
        return wordPieceStage(node);
      case "Sequence": {
        const nodes = Array.isArray(node["decoders"]) ? node["decoders"] : [];
        const stages = nodes.map((each) => stageOf(each, name));
        return (sink) => stages.reduceRight((next, stage) => stage(next), sink);
      }
    }
  }
  throw new DiffusionError(
    "unsupported",
    `Cannot read '${name}' as its decoder is not known: found ${found(type)}`,
  );
}

/**
 * Reads a `decoder` node of a tokenizer.json.
 * Source: Hugging Face tokenizers, `decoders`, with two differences. Invalid bytes in byte fallback become one U+FFFD for
 * each invalid sequence, not one for each byte, which could change text that has been returned already. Metaspace drops
 * one leading space, not all of them.
 * @param name the file, as errors name it
 * @returns a function that starts the decoder for a sequence
 * @throws DiffusionError `unsupported` for an unknown decoder
 */
export function readDecoder(node: unknown, name: string): () => TextStream {
  const stage = stageOf(node, name);
  return () => {
    let out = "";
    const take = () => {
      const text = out;
      out = "";
      return text;
    };
    const sink = stage({
      push: ({ text }) => {
        out += text;
      },
      finish: () => {},
    });
    return {
      push({ text, added }) {
        sink.push({ text, added, starts: true, ends: true });
        return take();
      },
      finish() {
        sink.finish();
        return take();
      },
    };
  };
}
