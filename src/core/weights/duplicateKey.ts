/** JSON.parse silently keeps the last of two equal keys; in a table of tensors that hides damage. */

const quote = 0x22;
const backslash = 0x5c;

/**
 * The first key that occurs twice in one object, anywhere in the text.
 * @param text valid JSON: the scan does not check it again
 */
export function duplicateKey(text: string): string | undefined {
  // One entry for each open bracket: the keys of an object so far, undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  let atKey = false;
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case "{":
        open.push(new Set());
        atKey = true;
        break;
      case "[":
        open.push(undefined);
        atKey = false;
        break;
      case "}":
      case "]":
        open.pop();
        break;
      case ",":
        atKey = open.at(-1) !== undefined;
        break;
      case '"': {
        const end = stringEnd(text, i);
        if (atKey) {
          const key: string = JSON.parse(text.slice(i, end));
          if (open.at(-1)?.has(key)) return key;
          open.at(-1)?.add(key);
          atKey = false;
        }
        i = end - 1;
        break;
      }
    }
  }
  return undefined;
}

/** The position after the closing quote of the string whose opening quote is at `start`. */
function stringEnd(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && text.charCodeAt(end) !== quote) {
    end += text.charCodeAt(end) === backslash ? 2 : 1;
  }
  return end + 1;
}
