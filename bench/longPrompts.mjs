// How long answers wait while another client sends prompts of 8 MB in one script without spaces, in the engine's own thread:
// so many clients that each send one short request after the other to the embedded model (CPU backend), without and with the
// long prompts, which are read to their end and by a limit of tokens. Run: npm run build &&
// node bench/longPrompts.mjs [--clients 64] [--seconds 60] [--tokenizer tokenizer.json] [--limit 32768]
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { Engine } from "unmask";
import { cpu } from "unmask/cpu";
import { embeddedModel } from "unmask/node";
// A tokenizer by itself, and its encoding in slices, are no part of the package's interface.
import { encodeText, Tokenizer } from "../dist/core/text/index.js";

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

const engine = await Engine.load(embeddedModel(), { backend: cpu(), batch: clients });
console.log(`Node ${process.version}, ${cpus()[0]?.model}, ${clients} clients, ${seconds} s a row`);
const rows = {};
rows.without = await measure(async () => {});
for (const [name, text] of Object.entries(prompts)) {
  rows[`${name}, to the end`] = await measure((signal) => send(text, Number.POSITIVE_INFINITY, signal));
  rows[`${name}, ${maxTokens} tokens`] = await measure((signal) => send(text, maxTokens, signal));
}
console.table(rows);
await engine.dispose();

/** One prompt after the other. Returns how many were read. */
async function send(text, most, signal) {
  let count = 0;
  while (!signal.aborted) {
    await encodeText(tokenizer, text, { maxTokens: most, signal }).catch(() => {});
    count++;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return count;
}

async function measure(disturb) {
  const stop = new AbortController();
  const times = [];
  const end = performance.now() + 1000 * seconds;
  const disturbing = disturb(stop.signal);
  let last = performance.now();
  let longest = 0;
  const watch = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
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
  clearInterval(watch);
  const prompts = await disturbing;
  times.sort((a, b) => a - b);
  const ms = (value) => Math.round(value);
  return {
    answers: times.length,
    "median ms": ms(times[times.length >> 1]),
    "slowest ms": ms(times.at(-1)),
    "longest turn of the event loop, ms": ms(longest),
    "long prompts": prompts ?? 0,
  };
}
