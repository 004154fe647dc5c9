/**
 * Byte-level BPE writes each byte as one printable character: bytes that are printable in Latin-1 stand for
 * themselves, the others take the characters from U+0100 on. Source: GPT-2's encoder, `bytes_to_unicode`.
 */
const characters: string[] = [];
const bytes = new Map<string, number>();

const isPrintable = (byte: number) =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

for (let byte = 0, next = 0x100; byte < 256; byte++) {
  const character = String.fromCharCode(isPrintable(byte) ? byte : next++);
  characters.push(character);
  bytes.set(character, byte);
}

const encoder = new TextEncoder();

/** A text's UTF-8 bytes in that alphabet. A lone surrogate becomes the bytes of U+FFFD. */
export function byteText(text: string): string {
  let out = "";
  for (let index = 0; ; index++) {
    if (index === text.length) return out;
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) break;
    out += characters[unit];
  }
  out = "";
  for (const byte of encoder.encode(text)) out += characters[byte];
  return out;
}

/** The bytes that a token of a byte-level vocabulary stands for; undefined if it is not written in that alphabet. */
export function bytesOfToken(token: string): Uint8Array | undefined {
  const out = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = bytes.get(token[i]!);
    if (byte === undefined) return undefined;
    out[i] = byte;
  }
  return out;
}
