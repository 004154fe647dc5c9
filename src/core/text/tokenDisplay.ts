import { bytesOfToken } from "./byteAlphabet.ts";
import type { Piece } from "./decoder.ts";
import { partsOf } from "./fidelity.ts";

const hex = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;

function textOfBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, hex).join("");
  }
}

/**
 * Formats a single token for display: as the text that it adds within other text, and incomplete characters as bytes like
 * `<0xE4>`.
 * @param decoder the `decoder` node of a tokenizer.json
 */
export function readDisplay(decoder: unknown): (piece: Piece) => string {
  const parts = [...partsOf(decoder)];
  if (parts.some((part) => part["type"] === "ByteLevel")) {
    return ({ text, added }) => {
      const bytes = added ? undefined : bytesOfToken(text);
      return bytes === undefined ? text : textOfBytes(bytes);
    };
  }
  const spaced = parts.some((part) => part["type"] === "Metaspace" || part["content"] === " ");
  return ({ text, added }) => (spaced && !added ? text.replaceAll("▁", " ") : text);
}
