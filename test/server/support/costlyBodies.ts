/** Bodies of 8 MiB that are costly to parse, and are rejected. */
import { chat, completions, infill } from "./tiny.ts";

export const most = 8 * 2 ** 20;
const one = '"messages": [{"role": "user", "content": "a"}]';

/** A body of 8 MiB: repeats the unit as often as it fits, or `count` times with padding in the field `user`. */
function body(head: string, unit: string | ((index: number) => string), tail: string, count = Infinity) {
  const parts: string[] = [];
  let length = head.length + tail.length + 20;
  for (let index = 0; index < count && length < most - 20; index++) {
    const part = typeof unit === "string" ? unit : unit(index);
    parts.push(part);
    length += part.length + 1;
  }
  return `{"user": "${"x".repeat(Math.max(0, most - length))}", ${head}${parts.join(",")}${tail}}`;
}

const key = (index: number) => `"${index.toString(36)}"`;
/** Slightly fewer than a body may have of each. */
const [containers, strings, values] = [16_000, 32_000, 524_000];

export const costlyBodies: readonly (readonly [name: string, path: string, body: string])[] = [
  ["empty objects", chat, body('"messages": [', "{}", "]")],
  ["empty arrays", completions, body('"prompt": [', "[]", "]")],
  ["nested arrays", chat, `${"[".repeat(most / 2)}${"]".repeat(most / 2)}`],
  ["numbers", completions, body('"prompt": [', "1", "]")],
  ["names", chat, body("", (index) => `${key(index)}:1`, "")],
  ["short strings", completions, body('"prompt": [', key, "]")],
  ["empty messages", chat, body('"messages": [', "{}", "]", containers)],
  ["messages with a name each", chat, body('"messages": [', (index) => `{${key(index)}:1}`, "]", containers)],
  ["numbers as messages", chat, body('"messages": [', "1", "]", values)],
  ["numbers as parts", chat, body('"messages": [{"role": "user", "content": [', "1", "]}]", values)],
  ["more token IDs than the context has", completions, body('"prompt": [', "1", "]", values)],
  ["invalid token IDs", completions, body('"prompt": [', "1.5", "]", values)],
  ["prompts", completions, body('"prompt": [', '""', "]", strings)],
  ["stops", chat, body(`${one}, "stop": [`, '"a"', "]", strings)],
  ["a long stop", chat, `{${one}, "stop": "${"a".repeat(most - 100)}"}`],
  ["an array as temperature", chat, body(`${one}, "temperature": [`, "1", "]", values)],
  ["a long number as temperature", chat, `{${one}, "temperature": [${"1".repeat(most - 100)}]}`],
  ["logit biases", chat, body(`${one}, "logit_bias": {`, (index) => `${key(index)}:1`, "}", strings)],
  ["quotes in a string", chat, `{"model": ["${'\\"'.repeat(most / 2 - 20)}"]}`],
  ["escapes in a string", chat, `{"model": ["${"\\u00e9".repeat(most / 6 - 10)}"]}`],
  ["space", chat, `${" ".repeat(most - 2)}{}`],
  ["an unterminated string", chat, `{"model": "${"x".repeat(most - 20)}`],
  ["holes", infill, body('"segments": [', '{"length":1}', "]", containers)],
  ["long holes", infill, body('"segments": [', '{"length":100000000}', "]", 3)],
  ["markers", infill, `{"text": "${"_ ".repeat(most / 2 - 50)}", "hole": {"marker": "_", "length": 1}}`],
  ["markers only", infill, `{"text": "${"_".repeat(most - 100)}", "hole": {"marker": "_", "maximum": 1}}`],
];
