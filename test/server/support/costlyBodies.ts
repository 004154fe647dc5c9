/** Bodies of 8 MiB that would cost much to read, and are refused. */
import { chat, completions, infill } from "./tiny.ts";

export const most = 8 * 2 ** 20;
const one = '"messages": [{"role": "user", "content": "a"}]';

/** A body of 8 MiB: the unit as often as it fits, or `count` times and the rest a label. */
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
/** As many as a body may have of each. */
const [lists, texts, values] = [16_000, 32_000, 524_000];

export const costlyBodies: readonly (readonly [name: string, path: string, body: string])[] = [
  ["empty objects", chat, body('"messages": [', "{}", "]")],
  ["empty lists", completions, body('"prompt": [', "[]", "]")],
  ["lists in each other", chat, `${"[".repeat(most / 2)}${"]".repeat(most / 2)}`],
  ["numbers", completions, body('"prompt": [', "1", "]")],
  ["names", chat, body("", (index) => `${key(index)}:1`, "")],
  ["short texts", completions, body('"prompt": [', key, "]")],
  ["messages that are none", chat, body('"messages": [', "{}", "]", lists)],
  ["messages with a name each", chat, body('"messages": [', (index) => `{${key(index)}:1}`, "]", lists)],
  ["numbers as messages", chat, body('"messages": [', "1", "]", values)],
  ["numbers as parts", chat, body('"messages": [{"role": "user", "content": [', "1", "]}]", values)],
  ["more token ids than the context has", completions, body('"prompt": [', "1", "]", values)],
  ["token ids that are none", completions, body('"prompt": [', "1.5", "]", values)],
  ["prompts", completions, body('"prompt": [', '""', "]", texts)],
  ["stops", chat, body(`${one}, "stop": [`, '"a"', "]", texts)],
  ["a long stop", chat, `{${one}, "stop": "${"a".repeat(most - 100)}"}`],
  ["a list as temperature", chat, body(`${one}, "temperature": [`, "1", "]", values)],
  ["a long number as temperature", chat, `{${one}, "temperature": [${"1".repeat(most - 100)}]}`],
  ["shifts of logits", chat, body(`${one}, "logit_bias": {`, (index) => `${key(index)}:1`, "}", texts)],
  ["quotes in a text", chat, `{"model": ["${'\\"'.repeat(most / 2 - 20)}"]}`],
  ["escapes in a text", chat, `{"model": ["${"\\u00e9".repeat(most / 6 - 10)}"]}`],
  ["space", chat, `${" ".repeat(most - 2)}{}`],
  ["half a text", chat, `{"model": "${"x".repeat(most - 20)}`],
  ["holes", infill, body('"segments": [', '{"length":1}', "]", lists)],
  ["long holes", infill, body('"segments": [', '{"length":100000000}', "]", 3)],
  ["markers", infill, `{"text": "${"_ ".repeat(most / 2 - 50)}", "hole": {"marker": "_", "length": 1}}`],
  ["markers only", infill, `{"text": "${"_".repeat(most - 100)}", "hole": {"marker": "_", "maximum": 1}}`],
];
