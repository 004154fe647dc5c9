// Latency of short requests while another client sends prompts of 8 MB without spaces, in the engine's own thread. Each
// client sends one short request after the other to models/tiny (CPU backend), without and with the long prompts,
// which are encoded with the default limit of tokens and with a lower one. Run: npm run build &&
// node bench/longPrompts.mjs [--clients 64] [--seconds 60] [--tokenizer tokenizer.json] [--limit 32768]
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { Engine } from "unmask";
import { cpu } from "unmask/cpu";
import { maxTokenizedTokens } from "../dist/core/engine/handle.js";
// The tokenizer and its encoding in slices are not exported by the package.
import { encodeText, Tokenizer } from "../dist/core/text/index.js";
import { tinyModel } from "./support/tinyModel.mjs";

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "64" },
    seconds: { type: "string", default: "60" },
    limit: { type: "string", default: "32768" },
    tokenizer: { type: "string" },
  },
});
const [clients, seconds, maxTokens] = [values.clients, values.seconds, values.limit].map(Number);
const fixture = new URL("../test/fixtures/tokenizers/qwen.json", import.meta.url);
const file = values.tokenizer
  ? JSON.parse(readFileSync(values.tokenizer, "utf8"))
  : JSON.parse(readFileSync(fixture, "utf8")).tokenizer;
const tokenizer = Tokenizer.fromFiles({ tokenizer: file });

/** 8 MiB of UTF-8. */
const bytes = 8 * 2 ** 20;
const prompts = {
  "Hangul, one word": "가나다라마바사".repeat(bytes / 21),
  "Hangul, a comma every eighth": "가나다라마바사,".repeat(bytes / 22),
  "Latin letters": "abcdefgh".repeat(bytes / 8),
};

const engine = await Engine.load(tinyModel(), { backend: cpu(), batch: clients });
console.log(`Node ${process.version}, ${cpus()[0]?.model}, ${clients} clients, ${seconds} s per row`);
const alone = {};
const rows = {};
await measure(async () => {}, 5);
rows.without = await measure(async () => {}, seconds);
for (const [name, text] of Object.entries(prompts)) {
  alone[`${name}, by default`] = await read(text, maxTokenizedTokens);
  alone[`${name}, ${maxTokens} tokens`] = await read(text, maxTokens);
  rows[`${name}, by default`] = await measure((signal) => send(text, maxTokenizedTokens, signal), seconds);
  rows[`${name}, ${maxTokens} tokens`] = await measure((signal) => send(text, maxTokens, signal), seconds);
}
rows["without, repeated"] = await measure(async () => {}, seconds);
console.log("Encoding a long prompt without other work");
console.table(alone);
console.log("Short requests during long prompts");
console.table(rows);
await engine.dispose();

/** Measures the longest time between two turns of the event loop. */
function watchTurns() {
  let last = performance.now();
  const watch = { longest: 0, stop: () => clearInterval(timer) };
  const timer = setInterval(() => {
    const now = performance.now();
    watch.longest = Math.max(watch.longest, now - last);
    last = now;
  }, 1);
  return watch;
}

/** Encodes a prompt once, without other work. */
async function read(text, maxTokens) {
  const turns = watchTurns();
  const start = performance.now();
  const result = await encodeText(tokenizer, text, { maxTokens }).then(
    ({ length }) => `${length} tokens`,
    ({ code }) => code,
  );
  const ms = performance.now() - start;
  await new Promise((resolve) => setTimeout(resolve, 5));
  turns.stop();
  return { result, ms: Math.round(ms), "longest turn, ms": Math.round(turns.longest) };
}

/** Encodes the prompt repeatedly until the signal is aborted. Returns how often. */
async function send(text, maxTokens, signal) {
  let count = 0;
  while (!signal.aborted) {
    await encodeText(tokenizer, text, { maxTokens, signal }).catch(() => {});
    count++;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return count;
}

async function measure(disturb, seconds) {
  const stop = new AbortController();
  const times = [];
  const end = performance.now() + 1000 * seconds;
  const disturbing = disturb(stop.signal);
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < end) {
        const start = performance.now();
        const request = { messages: [{ role: "user", content: "sort 42 17 90" }], genLength: 32 };
        for await (const _ of engine.generate(request));
        times.push(performance.now() - start);
      }
    }),
  );
  stop.abort();
  const prompts = await disturbing;
  times.sort((a, b) => a - b);
  const ms = (value) => Math.round(value);
  return {
    answers: times.length,
    "median ms": ms(times[times.length >> 1]),
    "slowest ms": ms(times.at(-1)),
    "long prompts": prompts ?? 0,
  };
}
