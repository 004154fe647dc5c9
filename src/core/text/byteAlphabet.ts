/**
 * Byte-level BPE writes each byte as one printable character: printable bytes of Latin-1 as themselves, other bytes as
 * characters from U+0100 on. Source: GPT-2's encoder, `bytes_to_unicode`.
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

/** The UTF-8 bytes of a text in the byte alphabet. A lone surrogate becomes the bytes of U+FFFD. */
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

/** The bytes of a token of a byte-level vocabulary; undefined if the token has characters outside the byte alphabet. */
export function bytesOfToken(token: string): Uint8Array | undefined {
  const out = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = bytes.get(token[i]!);
    if (byte === undefined) return undefined;
    out[i] = byte;
  }
  return out;
}
