// Trains the byte-level BPE tokenizer on generated tasks, and writes tokenizer.json and tokenizer_config.json:
//   node tools/tiny-model/tokenizer.mjs OUT
// A digit is a token of its own, with the space before it, so that numbers are read from left to right.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "./random.mjs";
import { kindNames, makeTask } from "./tasks/index.mjs";

const specials = ["<|eos|>", "<|mask|>", "<|user|>", "<|assistant|>", "<|system|>"];
const vocabularySize = 1024;
const split = " ?\\p{L}+| ?\\p{N}|[^\\S\\n]+|\\n| ?[^\\s\\p{L}\\p{N}]+";
const chatTemplate =
  "{% for m in messages %}{% if m['role'] == 'assistant' %}{{ m['content'] }}<|eos|>" +
  "{% elif m['role'] == 'user' %}<|user|>{{ m['content'] }}<|assistant|>" +
  "{% else %}<|system|>{{ m['content'] }}{% endif %}{% endfor %}";

/** The characters that stand for bytes in byte-level BPE: printable ones for themselves, the others from U+0100 on. */
function byteCharacters() {
  const printable = (byte) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
}

/** How often each word occurs, as byte characters. */
function countWords(tasks, characters) {
  const counts = new Map();
  const pattern = new RegExp(split, "gu");
  const encoder = new TextEncoder();
  for (const { prompt, answer } of tasks) {
    for (const text of [prompt, answer]) {
      for (const [word] of text.matchAll(pattern)) {
        const symbols = Array.from(encoder.encode(word), (byte) => characters[byte]).join("");
        counts.set(symbols, (counts.get(symbols) ?? 0) + 1);
      }
    }
  }
  return counts;
}

/** Merges the most frequent pair, the first by its text among equals, until there are enough tokens or no pair is left. */
function trainMerges(counts, limit) {
  const words = [...counts].sort().map(([word, count]) => ({ symbols: [...word], count }));
  const merges = [];
  while (merges.length < limit) {
    const pairs = new Map();
    for (const { symbols, count } of words) {
      for (let at = 0; at + 1 < symbols.length; at++) {
        const pair = `${symbols[at]} ${symbols[at + 1]}`;
        pairs.set(pair, (pairs.get(pair) ?? 0) + count);
      }
    }
    const [best] = [...pairs].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
    if (!best) break;
    merges.push(best[0]);
    const [left, right] = best[0].split(" ");
    for (const word of words) word.symbols = merged(word.symbols, left, right);
  }
  return merges;
}

function merged(symbols, left, right) {
  const result = [];
  for (const symbol of symbols) {
    if (symbol === right && result.at(-1) === left) result[result.length - 1] = left + right;
    else result.push(symbol);
  }
  return result;
}

function trainTokenizer(seed = 1, count = 4000) {
  const random = new Random(seed);
  const tasks = kindNames.flatMap((kind) =>
    Array.from({ length: count }, () => makeTask(kind, random, false)),
  );
  const characters = byteCharacters();
  const merges = trainMerges(countWords(tasks, characters), vocabularySize - specials.length - 256);
  const tokens = [...specials, ...characters, ...merges.map((pair) => pair.replace(" ", ""))];
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specials.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: split }, behavior: "Isolated", invert: false },
        byteLevel,
      ],
    },
    post_processor: null,
    decoder: { ...byteLevel },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

const tokenizerConfig = {
  tokenizer_class: "PreTrainedTokenizerFast",
  eos_token: "<|eos|>",
  pad_token: "<|eos|>",
  mask_token: "<|mask|>",
  model_max_length: 1024,
  clean_up_tokenization_spaces: false,
  chat_template: chatTemplate,
};

const [, , out] = process.argv;
if (!out) {
  console.error("Usage: node tools/tiny-model/tokenizer.mjs OUT");
  process.exit(2);
}
writeFileSync(join(out, "tokenizer.json"), `${JSON.stringify(trainTokenizer(), undefined, 1)}\n`);
writeFileSync(join(out, "tokenizer_config.json"), `${JSON.stringify(tokenizerConfig, undefined, 1)}\n`);
