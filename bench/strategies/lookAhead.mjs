// LoPA's lookahead (arXiv 2512.16229) over `entropyBound`, measured by whole passes: a step's branches, each with one more position
// committed, are computed together, and the one whose remaining positions are most confident is kept.
//   deno run -A bench/strategies/lookAhead.mjs MODEL TASKS BRANCHES... [--gamma G] [--alpha A]
// `--alpha` is the weight of the confidence of the position itself. Prints right answers, forwards and rows for each count of branches.
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { wasm } from "../../src/backends/wasm/index.ts";
import { Engine } from "../../src/core/index.ts";
import { isRight, readTasks } from "../../src/eval/task.ts";
import { directory } from "../../src/sources/directory.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { gamma: { type: "string", default: "0.1" }, alpha: { type: "string", default: "0" } },
});
const [model, file, ...branches] = positionals;
const [gamma, alpha, ...counts] = [values.gamma, values.alpha, ...branches].map(Number);
if (counts.length === 0 || ![gamma, alpha, ...counts].every((value) => value >= 0))
  throw new Error(
    `MODEL, TASKS and numbers from 0 on must be given: found ${process.argv.slice(2).join(" ")}`,
  );
const engine = await Engine.load(directory(model), { backend: wasm() });
const { genLength } = engine.info.defaults;
const { maskToken: mask, stopTokens } = engine.info;
const tasks = readTasks(readFileSync(file, "utf8"), file);

/** The best token of a row, its probability, and the entropy in nats. */
function statisticsOf(logits) {
  let token = mask === 0 ? 1 : 0;
  for (let each = 0; each < logits.length; each++)
    if (each !== mask && logits[each] > logits[token]) token = each;
  const weights = logits.map((logit) => Math.exp(logit - logits[token]));
  const total = weights.reduce((sum, weight) => sum + weight);
  const mean =
    weights.reduce((sum, weight, each) => sum + weight * (logits[each] - logits[token]), 0) / total;
  return { token, probability: 1 / total, entropy: Math.log(total) - mean };
}

async function openOf(ids) {
  const rows = await engine.logits(ids);
  return ids.flatMap((id, at) => (id === mask ? [{ at, ...statisticsOf(rows[at]) }] : []));
}

/** `entropyBound`: from the lowest entropy on, while those before sum up to no more than the bound. */
function within(bound, open) {
  const order = open.toSorted((a, b) => a.entropy - b.entropy);
  let [sum, count] = [0, 0];
  while (count < order.length && sum <= bound) sum += order[count++].entropy;
  return order.slice(0, count);
}

const committed = (ids, positions) => {
  const next = [...ids];
  for (const { at, token } of positions) next[at] = token;
  return next;
};

function scoreOf(open, own) {
  const least = open.map(({ probability }) => probability).sort((a, b) => a - b);
  const half = least.slice(0, Math.max(1, Math.floor(open.length / 2)));
  const mean = open.length === 0 ? 1 : half.reduce((sum, each) => sum + each, 0) / half.length;
  return alpha * own + (1 - alpha) * mean;
}

async function generate(prompt, count) {
  let ids = [...prompt, ...Array(genLength).fill(mask)];
  let open = await openOf(ids);
  let forwards = 1;
  let rows = ids.length;
  while (open.length > 0) {
    const chosen = within(gamma, open);
    const rest = open.filter((each) => !chosen.includes(each)).sort((a, b) => b.probability - a.probability);
    const base = committed(ids, chosen);
    const children = [{ ids: base, own: 1 }];
    for (const each of rest.slice(0, count))
      children.push({ ids: committed(base, [each]), own: each.probability });
    for (const child of children) {
      child.open = await openOf(child.ids);
      child.score = scoreOf(child.open, child.own);
    }
    const best = children.reduce((a, b) => (b.score > a.score ? b : a));
    // A canvas without masks needs no pass.
    if (rest.length > 0) {
      forwards++;
      rows += children.length * ids.length;
    }
    ({ ids, open } = best);
  }
  const answer = ids.slice(prompt.length);
  const end = answer.findIndex((id) => stopTokens.includes(id));
  return { text: await engine.detokenize(answer.slice(0, end < 0 ? undefined : end)), forwards, rows };
}

for (const count of counts) {
  const kinds = new Map();
  for (const { kind, prompt, check } of tasks) {
    const ids = await engine.tokenize([{ role: "user", content: prompt }]);
    const { text, forwards, rows } = await generate(ids, count);
    const sums = kinds.get(kind) ?? { tasks: 0, right: 0, forwards: 0, rows: 0 };
    kinds.set(kind, sums);
    sums.tasks++;
    sums.right += Number(isRight(check, text));
    sums.forwards += forwards;
    sums.rows += rows;
  }
  const total = (field) => [...kinds.values()].reduce((sum, each) => sum + each[field], 0);
  const mean = (field) => (total(field) / total("tasks")).toFixed(2);
  console.log(
    `${count} branches: ${total("right")} of ${total("tasks")} right, ${mean("forwards")} forwards, ${mean("rows")} rows`,
  );
  for (const [kind, { tasks, right, forwards }] of kinds)
    console.log(`  ${kind}: ${right} of ${tasks}, ${(forwards / tasks).toFixed(2)} forwards`);
}
await engine.dispose();
