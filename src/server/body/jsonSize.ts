/**
 * How much JSON text holds, counted on its bytes before anything is made of it. `JSON.parse` takes a microsecond and a
 * hundred bytes for each list, object and text, however few bytes those are written with: eight MiB of `{},` would hold
 * the thread for a second and fill 180 MB. So the counts are limited, and not the bytes alone.
 */
import { ApiError } from "../apiError.ts";

/** Lists and objects: a conversation of thousands of messages. */
export const mostLists = 16_384;
/** Texts, names of fields among them. */
export const mostTexts = 32_768;
/** Values in all, so mostly numbers: the token ids of 128 prompts of 4,096. */
export const mostValues = 524_288;
export const mostDepth = 128;

const quote = 0x22;
const backslash = 0x5c;

/** @throws ApiError 400 `body_too_complex` if the text has more of something than is read */
export function requireReadable(bytes: Uint8Array): void {
  let [lists, texts, values, depth] = [0, 0, 0, 0];
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case quote:
        at = endOfText(bytes, at);
        if (++texts > mostTexts) throw tooComplex(`${mostTexts} texts and names of fields`);
        break;
      case 0x2c: // ,
        if (++values > mostValues) throw tooComplex(`${mostValues} values`);
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++lists > mostLists) throw tooComplex(`${mostLists} lists and objects`);
        if (++depth > mostDepth) throw tooComplex(`${mostDepth} lists and objects inside each other`);
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
    }
  }
}

/** Where the quote is that ends the text which begins with the quote at `start`. */
function endOfText(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

function tooComplex(most: string): ApiError {
  const message = `Cannot read the request as its body may have at most ${most}: found more`;
  return new ApiError(400, "body_too_complex", message);
}
