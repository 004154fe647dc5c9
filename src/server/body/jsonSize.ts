/**
 * Counts the values in JSON text before it is parsed. `JSON.parse` takes a microsecond and a hundred bytes for each array,
 * object and string, even for those of two bytes: eight MiB of `{},` would block the thread for a second and take 180 MB of
 * memory. So the number of values is limited, and not only the number of bytes.
 */
import { ApiError } from "../apiError.ts";

/** Maximum of arrays and objects: enough for a conversation of thousands of messages. */
export const maxContainers = 16_384;
/** Maximum of strings, including field names. */
export const maxStrings = 32_768;
/** Maximum of values of any kind: enough for the token IDs of 128 prompts of 4,096 tokens. */
export const maxValues = 524_288;
/** Maximum nesting of arrays and objects. */
export const maxDepth = 128;

const quote = 0x22;
const backslash = 0x5c;

/** @throws ApiError 400 `body_too_complex` if the text exceeds one of the limits */
export function requireReadable(bytes: Uint8Array): void {
  let [containers, strings, values, depth] = [0, 0, 0, 0];
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case quote:
        at = endOfString(bytes, at);
        if (++strings > maxStrings) throw tooComplex(`${maxStrings} strings and field names`);
        break;
      case 0x2c: // ,
        if (++values > maxValues) throw tooComplex(`${maxValues} values`);
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++containers > maxContainers) throw tooComplex(`${maxContainers} arrays and objects`);
        if (++depth > maxDepth) throw tooComplex(`${maxDepth} levels of nesting`);
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
    }
  }
}

/** The index of the closing quote. @param start the index of the opening quote */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

function tooComplex(limit: string): ApiError {
  const message = `Cannot read the request as its body may have at most ${limit}: found more`;
  return new ApiError(400, "body_too_complex", message);
}
