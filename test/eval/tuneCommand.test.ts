/** `unmask tune` as a process. */
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPresets } from "../../src/core/model/presets.ts";
import { readRecords, recordKey } from "../../src/eval/record.ts";
import { tinyFolder } from "../support/tinyModel.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "unmask-tune-"));
  const lines = [
    ["reverse", "reverse river stone", "stone river"],
    ["reverse", "reverse cloud piano", "piano cloud"],
    ["sort", "sort 3 1 2", "1 2 3"],
    ["sort", "sort 9 8 7", "7 8 9"],
  ].map(([kind, prompt, equals]) => JSON.stringify({ kind, prompt, check: { equals } }));
  writeFileSync(join(directory, "tasks.jsonl"), `${lines.join("\n")}\n`);
  const space = [{ decoder: { name: "entropyBound", gamma: [0.02, 0.1] }, blockLength: [32, 64] }];
  const [entry] = space;
  const gammas = entry!.decoder.gamma.map((gamma) => ({ name: "entropyBound", gamma }));
  writeFileSync(join(directory, "space.json"), JSON.stringify([{ ...entry, decoder: gammas }]));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const onTiny = ["tune", "--model", tinyFolder, "--tasks", "tasks.jsonl", "--backend", "wasm"];
function tune(...extra: readonly string[]): SpawnSyncReturns<string> {
  const args = [join(root, "dist/cli/main.js"), ...onTiny, ...extra];
  return spawnSync("node", args, { cwd: directory, encoding: "utf8" });
}
const read = (name: string) => readFileSync(join(directory, name), "utf8");

test("searches the named decoders and caches", () => {
  const named = ["--decoders", "threshold,credit", "--caches", "dInferDual", "--baseline", "balanced"];
  const { status, stderr } = tune(...named, "--out", "named", "--budget", "8s");
  expect([status, stderr.includes("Error")]).toEqual([0, false]);
  const searched = readRecords(read("named/results.jsonl"), "results").map(
    ({ configuration }) => configuration,
  );
  const others = searched.filter((name) => !/^(threshold|credit) .*dInferDual/.test(name));
  expect(new Set(searched).size).toBeGreaterThan(4);
  expect(new Set(others)).toEqual(new Set(["entropyBound gamma 0.02"]));
});

test("compares a space, continues from its results, and writes presets that a model can have", () => {
  const options = ["--space", "space.json", "--baseline", "balanced", "--out", "listed"];
  const first = tune(...options, "--budget", "5m", "--jobs", "2");
  expect(first.status).toBe(0);
  // Four tasks prove little, and the command says so; it says nothing else.
  expect(first.stderr).toMatch(/^(.+: a loss of up to .+ points lies within the 95 % interval.+\n)*$/);
  expect(first.stdout).toMatch(/\| entropyBound gamma 0\.02[^|]*\| 4 /);
  expect(first.stdout).toMatch(/unmask generate --decoder entropyBound --gamma 0\.\d+ --block-length \d+/);
  const records = readRecords(read("listed/results.jsonl"), "results");
  // The baseline and four configurations, each on four tasks.
  expect(new Set(records.map(recordKey)).size).toBe(20);
  expect(records).toHaveLength(20);
  const { presets } = JSON.parse(read("listed/presets.json"));
  const settings = { decoder: { name: "fixed" } };
  const family = {
    source: "",
    settings: { quality: settings, balanced: settings, speed: settings, official: settings },
  };
  expect(readPresets(presets, "presets.json", family).source).toMatch(
    /^measured: unmask tune, 4 tasks of tasks\.jsonl;/,
  );
  for (const plot of ["plot.svg", "plot-ms.svg"])
    expect(read(`listed/${plot}`)).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);

  const again = tune(...options, "--budget", "5m", "--no-plot");
  expect(again.stdout).toBe(first.stdout);
  expect(readRecords(read("listed/results.jsonl"), "results")).toHaveLength(20);
});

test("is interrupted by Ctrl-C, and keeps whole records", async () => {
  const args = [...onTiny, "--out", "cut", "--no-plot"];
  const child = spawn("node", [join(root, "dist/cli/main.js"), ...args], { cwd: directory });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const results = join(directory, "cut/results.jsonl");
  while (!existsSync(results)) await setTimeout(20);
  child.kill("SIGINT");
  expect(await exited).toBe(130);
  expect(errors).toBe("unmask: interrupted\n");
  expect(read("cut/results.jsonl").endsWith("\n")).toBe(true);
  expect(readRecords(read("cut/results.jsonl"), "results").length).toBeGreaterThan(0);
});

test("rejects invalid options and files", () => {
  const failure = (...extra: readonly string[]) => {
    const { status, stderr } = tune("--out", "bad", ...extra);
    expect(status).toBe(2);
    return stderr;
  };
  expect(failure("--budget", "5")).toContain("'--budget' as it must be a duration above 0");
  expect(failure("--max-loss", "x")).toContain("'--max-loss' as it must be a number of points from 0 to 100");
  expect(failure("--seed", "-1")).toContain("'--seed' as it must be an integer from 0 to 4294967295");
  expect(failure("--jobs", "0")).toContain("'--jobs'");
  expect(failure("--decoders", "threshold,treshold")).toMatch(
    /'--decoders' as it must be names of .+: found .treshold/,
  );
  expect(failure("--caches", "dua")).toMatch(/'--caches' as it must be names of .+: found .dua/);
  expect(failure("--caches", "block")).toContain("suits the model's attention mask");
  expect(failure("--space", "space.json", "--caches", "dual")).toContain("together with '--caches'");
  writeFileSync(join(directory, "many.json"), '[{"preset": ["quality", "speed"]}]');
  expect(failure("--baseline", "many.json")).toContain(
    "must have one configuration as the baseline: found 2",
  );
  writeFileSync(join(directory, "seed.json"), '[{"preset": "quality", "seed": 1}]');
  expect(failure("--space", "seed.json")).toContain("must have only fields of presets: found 'seed'");
  writeFileSync(join(directory, "none.json"), '[{"blockLength": 8}]');
  expect(failure("--space", "none.json")).toContain("'8' in 'none.json' must have a decoder or a preset");
});
