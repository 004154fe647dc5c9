import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtIn, builtInOptions } from "../../src/cli/options.ts";
import { cachePolicies, decoders, referencePolicies } from "../../src/core/index.ts";
import { tokenBuckets } from "../../src/core/tensor/index.ts";
import { oracleDirectory, runCommand, runTiny } from "./testIo.ts";

const llada = ["--model", join(oracleDirectory, "models/llada")];

interface Explained {
  readonly pass: {
    readonly tokens: number;
    readonly context: number;
    readonly rows: number;
    readonly spans: number;
  };
  readonly capacity: { readonly tokens: number };
  readonly bucket: number;
  readonly buckets: readonly number[];
  readonly sections: readonly {
    readonly title: string;
    readonly count: number;
    readonly nodes: readonly { readonly op: string; readonly flops: number; readonly weightBytes: number }[];
  }[];
  readonly total: { readonly bytes: number; readonly flops: number; readonly launches: number };
  readonly intensity: number;
  readonly memory: { readonly arena: { readonly bytes: number; readonly sumBytes: number } };
}
async function explained(...argv: readonly string[]): Promise<Explained> {
  const { code, stdout } = await runTiny(["explain", "--json", ...argv]);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Explained;
}

test("explain folds identical layers and sums the costs", async () => {
  const { sections, total, intensity, memory, pass } = await explained();
  expect(pass).toEqual({ tokens: 32, context: 512, rows: 32, spans: 1 });
  expect(sections.map(({ title, count }) => [title, count])).toEqual([
    ["", 1],
    ["layers.0-3", 4],
    ["", 1],
  ]);
  const sum = sections.reduce(
    (all, { count, nodes }) => all + count * nodes.reduce((flops, node) => flops + node.flops, 0),
    0,
  );
  expect(sum).toBe(total.flops);
  expect(intensity).toBe(total.flops / total.bytes);
  expect(memory.arena.bytes).toBeLessThan(memory.arena.sumBytes);
  const attention = sections[1]!.nodes.find(({ op }) => op === "attention")!;
  expect(attention.flops).toBe(4 * 32 * 512 * 128);
  const qkv = sections[1]!.nodes.find(({ op }) => op === "qkv")!;
  expect(qkv.flops).toBe(2 * 32 * 3 * 128 * 128);
});

test("explain accepts the size of the pass", async () => {
  const { pass } = await explained("--tokens", "8", "--context", "64", "--rows", "4");
  expect(pass).toEqual({ tokens: 8, context: 64, rows: 4, spans: 1 });
  const { bucket, buckets, capacity } = await explained("--tokens", "40", "--context", "64");
  expect(bucket).toBe(64);
  expect(buckets).toEqual(tokenBuckets(capacity.tokens));
  const largest = await explained("--capacity");
  expect(largest.pass).toEqual({ tokens: 1024, context: 512, rows: 1024, spans: 2 });
});

test.each([
  [["--tokens", "0"], "'--tokens' as it must be a positive integer"],
  [
    ["--tokens", "100", "--context", "64"],
    "'--tokens' as it must be at most the 64 positions of the sequence: found 100",
  ],
  [["--rows", "33"], "'--rows' as it must be at most the 32 tokens of the pass: found 33"],
  [["--capacity", "--tokens", "3"], "Cannot use '--capacity' with '--tokens'"],
])("explain rejects %o", async (argv, message) => {
  const { code, stderr } = await runTiny(["explain", ...argv]);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});

test("explain prints a table", async () => {
  const { stdout } = await runCommand(["explain", ...llada]);
  expect(stdout).toMatch(
    /^LLaDA in .*\na pass over 32 positions of one sequence of up to 256; statistics of 32 rows\n/,
  );
  expect(stdout).toMatch(/\nlayers\.0-2 × 3 /);
  expect(stdout).toMatch(/\n {2}attention +attention +\[tokens, 64\] → \[tokens, 64\] /);
  expect(stdout).toMatch(/\ntotal .* MFLOP +\d+\n/);
  expect(stdout).toMatch(/\nbucket +32 tokens of 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024\n/);
});

test("info prints facts about a model", async () => {
  const { code, stdout } = await runTiny(["info", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    family: "LLaDA-MoE",
    architecture: { layers: 4, hidden: 128 },
    parameters: 1_867_136,
    dtypes: ["bf16"],
    context: 512,
    maskToken: { id: 1, text: "<|mask|>" },
    stopTokens: [{ id: 0, text: "<|eos|>" }],
    chatTemplate: true,
    defaults: { genLength: 128, blockLength: 32, threshold: 0.9 },
    bytes: { weights: 4 * 1_867_136 },
  });
});

test("info lists every decoder and cache, with the options of their parameters", async () => {
  const { stdout } = await runTiny(["info"]);
  for (const { name, help } of [...builtIn.decoders, ...builtIn.caches])
    expect(stdout).toContain(`  ${name}: ${help}`);
  for (const { flag } of builtInOptions) expect(stdout).toContain(`    ${flag} `);
});

test("info, help and README tell cache policies and reference policies apart", async () => {
  const { stdout } = await runTiny(["info"]);
  const [own, published] = stdout.split("\nCaches ").slice(1);
  const namesIn = (text: string) =>
    [...text.split("\n\n")[0]!.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name);
  const reference = referencePolicies.map(({ name }) => name);
  const plain = cachePolicies.map(({ name }) => name).filter((name) => !reference.includes(name));
  expect(namesIn(own!)).toEqual(plain);
  expect(namesIn(published!)).toEqual(reference);
  // The help counts the reference policies from the end of the list.
  expect(cachePolicies.map(({ name }) => name)).toEqual([...plain, ...reference]);
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const counts = [...readme.matchAll(/(\w+)\s+\[(?:decoders|cache policies|reference policies)\]/g)];
  const words: Readonly<Record<string, number>> = {
    six: 6,
    seven: 7,
    fifteen: 15,
    sixteen: 16,
    seventeen: 17,
    eighteen: 18,
    nineteen: 19,
    twenty: 20,
  };
  expect(counts.map(([, word]) => words[word!])).toEqual([decoders.length, plain.length, reference.length]);
});

test("info computes memory for a batch, a dtype of the cache, and a backend", async () => {
  const facts = async (...options: string[]) =>
    JSON.parse((await runTiny(["info", "--json", ...options])).stdout);
  const one = await facts("--context", "64", "--batch", "3");
  const half = await facts("--context", "64", "--batch", "3", "--cache-dtype", "f16", "--backend", "cpu");
  expect(half.bytes.cache).toBe(one.bytes.cache / 2);
  expect((await facts("--context", "64", "--batch", "6")).bytes.cache).toBe(2 * one.bytes.cache);
  expect(half).toMatchObject({ problem: null, device: expect.stringMatching(/CPU/i) });
  const { stdout } = await runTiny(["info", "--backend", "cpu"]);
  expect(stdout).toMatch(/device +.*: can hold the model/);
});

test("info supports models without a tokenizer", async () => {
  const { code, stdout } = await runCommand(["info", ...llada]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/\ntext +no tokenizer, no chat template\n/);
  expect(stdout).toMatch(/\nmask token +\d+\n/);
});

test.each([
  [
    "llada2",
    /block-causal, blocks of 8; each row predicts its own position/,
    /16 experts, 3 per token and one shared/,
  ],
  [
    "a2d-qwen3-bd3lm",
    /block-causal, blocks of 8 that start at the prompt's end; /,
    /4 heads of 24 \(2 K\/V heads\)/,
  ],
  ["dream", /bidirectional; each row predicts the next position/, /family +Dream\n/],
  ["qwen3-causal", /causal; each row predicts the next position/, /mask token +127\n/],
])("info prints the attention and the prediction of %s", async (name, attention, other) => {
  const { stdout } = await runCommand(["info", "--model", join(oracleDirectory, "models", name)]);
  expect(stdout).toMatch(attention);
  expect(stdout).toMatch(other);
});

test("the version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(await runCommand(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

const commands = [
  ...["", "generate", "infill", "chat", "batch", "replay", "compare", "eval", "info", "explain"],
  ...["debug trace", "debug logits", "debug commits"],
];
test.each(commands)("'unmask %s --help' is a page with exit codes", async (command) => {
  const argv = command === "" ? [] : command.split(" ");
  const { code, stdout, stderr } = await runCommand([...argv, "--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`Usage: unmask ${command}`.trimEnd());
  expect(stdout).toContain("Exit codes: 0 ok, 1 failure, 2 bad input or usage, 130 interrupted");
});

test("a missing command is wrong usage, and prints the help", async () => {
  const { code, stdout, stderr } = await runCommand([]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("Usage: unmask");
  const unknown = await runCommand(["gnerate"]);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain("unmask: unknown command 'gnerate'");
});
