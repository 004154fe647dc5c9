// Prints batches of training rows for train.py, one after the other, from a step on:
//   node tools/tiny-model/batches.mjs MODEL SEED FROM_STEP TOKENS > pipe
// MODEL is a folder with the tokenizer; a batch has about TOKENS tokens. A batch depends on seed and step alone.
// Format, little-endian: u32 pieces; for each piece u32 rows, u32 length; i32 start and end of what may be masked, for each row;
// u16 tokens [rows, length]. The rows of a piece are of like length, so that few of a batch's positions are only there to fill it.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ChatTemplate, Tokenizer } from "../../dist/core/text/index.js";
import { conversation } from "./conversations.mjs";
import { Random } from "./random.mjs";

const endToken = 0;
/**
 * Lengths of the canvas, and how often each occurs: every one that the engine is used with is seen, and 0 stands for one that just holds the
 * answer, as most positions of the others teach no more than where an answer ends.
 */
const canvases = [
  [0, 0.888],
  [64, 0.08],
  [128, 0.02],
  [256, 0.008],
  [512, 0.004],
];
/** The longest row of a piece is at most so many times as long as its shortest. */
const spread = 1.4;

function canvasOf(random) {
  let left = random.next();
  for (const [length, share] of canvases) {
    left -= share;
    if (left < 0) return length;
  }
  return 0;
}

/**
 * One row: its tokens, the length with its canvas, and the span in which tokens may be masked: the rest of the canvas (`end` undefined), or
 * for a tenth of the rows a part of the answer.
 */
function rowOf({ tokenizer, template }, random) {
  const { messages, answer } = conversation(random);
  const prompt = tokenizer.encode(template.render(messages));
  const tokens = tokenizer.encode(answer);
  const start = prompt.length;
  const ids = [...prompt, ...tokens, endToken];
  const length = Math.max(ids.length, start + canvasOf(random));
  if (!random.chance(0.1) || tokens.length < 3) return { ids, length, start, end: undefined };
  const from = random.between(0, tokens.length - 2);
  return { ids, length, start: start + from, end: start + random.between(from + 1, tokens.length) };
}

/** Rows in the order of their lengths, cut where they become much longer. */
function piecesOf(rows) {
  const pieces = [];
  for (const row of rows.sort((a, b) => a.length - b.length)) {
    const piece = pieces.at(-1);
    if (piece && row.length <= spread * piece[0].length) piece.push(row);
    else pieces.push([row]);
  }
  return pieces;
}

function bytesOf(piece) {
  const length = Math.max(...piece.map((row) => row.length));
  const bytes = new ArrayBuffer(8 + piece.length * (8 + 2 * length));
  new Uint32Array(bytes, 0, 2).set([piece.length, length]);
  const spans = new Int32Array(bytes, 8, 2 * piece.length);
  const ids = new Uint16Array(bytes, 8 + 8 * piece.length).fill(endToken);
  for (const [index, row] of piece.entries()) {
    spans.set([row.start, row.end ?? length], 2 * index);
    ids.set(row.ids, index * length);
  }
  return new Uint8Array(bytes);
}

function batchOf(text, seed, step, tokens) {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b));
  const rows = [];
  for (let left = tokens; left > 0; left -= rows.at(-1).length) rows.push(rowOf(text, random));
  const pieces = piecesOf(rows);
  return Buffer.concat([new Uint8Array(Uint32Array.of(pieces.length).buffer), ...pieces.map(bytesOf)]);
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
