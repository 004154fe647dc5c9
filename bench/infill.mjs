// Accuracy of infilling with models/tiny, by kind of task: two words are cut out of each of 200 answers and filled
// together. The pinned text must be unchanged.
// Run: node bench/infill.mjs [CASES]
import { readFileSync } from "node:fs";
import process from "node:process";
import { Engine } from "unmask";
import { cpu } from "unmask/cpu";
import { tinyModel } from "./support/tinyModel.mjs";

const count = Number(process.argv[2] ?? 200);
const lines = readFileSync(new URL("tasks/oracle.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");
const tasks = lines.map((line) => JSON.parse(line));
/** A step through the tasks that visits all kinds equally often. */
const step = 101;
const cases = Array.from({ length: count }, (_, index) => tasks[(index * step) % tasks.length]);

const engine = await Engine.load(tinyModel(), { backend: cpu() });
const results = new Map();
for (const [index, { kind, prompt, check }] of cases.entries()) {
  const { segments, removed } = await cut(check.equals, index);
  const { text, holes } = await fill(prompt, segments);
  let next = 0;
  const expected = segments.map((each) => (typeof each === "string" ? each : holes[next++].text)).join("");
  if (text !== expected) throw new Error(`Pinned text was changed: found ${JSON.stringify(text)}`);
  const result = results.get(kind) ?? { holes: 0, right: 0 };
  results.set(kind, result);
  result.holes += removed.length;
  result.right += removed.filter((word, hole) => holes[hole].text === word).length;
}
await engine.dispose();
console.table(
  [...results].map(([kind, { holes, right }]) => ({
    kind,
    holes,
    right,
    accuracy: (right / holes).toFixed(3),
  })),
);

/** Cuts two words, chosen by the index of the case, out of an answer; of a single word that one. */
async function cut(answer, index) {
  const words = answer.split(/(\s+)/);
  const places = [...words.keys()].filter((at) => at % 2 === 0 && words[at] !== "");
  const first = index % places.length;
  const chosen = new Set([places[first], places[(first + Math.ceil(places.length / 2)) % places.length]]);
  const removed = words.filter((_, at) => chosen.has(at));
  const segments = [];
  let pinned = "";
  for (const [at, word] of words.entries()) {
    if (!chosen.has(at)) {
      pinned += word;
      continue;
    }
    segments.push(pinned, { length: (await engine.tokenize(word)).length });
    pinned = "";
  }
  return { segments: [...segments, pinned], removed };
}

async function fill(content, infill) {
  for await (const event of engine.generate({ messages: [{ role: "user", content }], infill })) {
    if (event.type === "done") return event;
  }
  throw new Error("An infilling ended without a done event");
}
