// Prints batches of training rows for train.py, one after the other, from a step on:
//   node tools/tiny-model/batches.mjs MODEL SEED FROM_STEP TOKENS > pipe
// MODEL is a folder with the tokenizer; a batch has about TOKENS tokens. A batch depends on seed and step alone.
// Format, little-endian: u32 rows, u32 length; i32 start and end of what may be masked, for each row; u16 tokens [rows, length].

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ChatTemplate, Tokenizer } from "../../dist/core/text/index.js";
import { conversation } from "./conversations.mjs";
import { Random } from "./random.mjs";

const endToken = 0;
/** Lengths of the canvas, and how often each occurs: every one that the engine is used with is seen. */
const canvases = [
  [64, 0.62],
  [128, 0.24],
  [256, 0.09],
  [512, 0.05],
];

function canvasOf(random) {
  let left = random.next();
  for (const [length, share] of canvases) {
    left -= share;
    if (left < 0) return length;
  }
  return 64;
}

/** One row: tokens, and the span in which tokens may be masked: the rest of the canvas, or for a tenth of the rows a part of the answer. */
function rowOf({ tokenizer, template }, random) {
  const { messages, answer } = conversation(random);
  const prompt = tokenizer.encode(template.render(messages));
  const tokens = tokenizer.encode(answer);
  const start = prompt.length;
  const ids = [...prompt, ...tokens, endToken];
  if (!random.chance(0.1) || tokens.length < 3) return { ids, start, end: undefined };
  const from = random.between(0, tokens.length - 2);
  return { ids, start: start + from, end: start + random.between(from + 1, tokens.length) };
}

function batchOf(text, seed, step, tokens) {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b));
  const canvas = canvasOf(random);
  const count = Math.max(4, Math.floor(tokens / (canvas + 24)));
  const rows = [];
  while (rows.length < count) {
    const row = rowOf(text, random);
    if (row.ids.length - row.start <= canvas) rows.push(row);
  }
  const longest = Math.max(...rows.map(({ start, ids }) => Math.max(start + canvas, ids.length)));
  const length = 32 * Math.ceil(longest / 32);
  const bytes = new ArrayBuffer(8 + count * (8 + 2 * length));
  new Uint32Array(bytes, 0, 2).set([count, length]);
  const spans = new Int32Array(bytes, 8, 2 * count);
  const ids = new Uint16Array(bytes, 8 + 8 * count).fill(endToken);
  for (const [index, row] of rows.entries()) {
    spans.set([row.start, row.end ?? length], 2 * index);
    ids.set(row.ids, index * length);
  }
  return new Uint8Array(bytes);
}

const [folder, seed, from, tokens] = process.argv.slice(2);
const json = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const config = json("tokenizer_config.json");
const text = {
  tokenizer: Tokenizer.fromFiles({ tokenizer: json("tokenizer.json"), config }),
  template: ChatTemplate.fromFiles({ config }),
};
process.stdout.on("error", () => process.exit(0)); // The reader has enough.
for (let step = Number(from); ; step++) {
  const more = process.stdout.write(batchOf(text, Number(seed), step, Number(tokens)));
  if (!more) await once(process.stdout, "drain");
}
