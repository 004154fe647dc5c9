/** Evaluations: tasks, configurations, statistics, and the complete command. */
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfigurations } from "../../src/eval/configuration.ts";
import { pending } from "../../src/eval/evaluate.ts";
import { type EvalRecord, readRecords, recordKey } from "../../src/eval/record.ts";
import { mean, pairedDifference, wilson } from "../../src/eval/statistics.ts";
import { summarize, table } from "../../src/eval/summary.ts";
import { isRight, readTasks } from "../../src/eval/task.ts";
import { tinyFolder } from "../support/tinyModel.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("tasks", () => {
  test("check an answer by equality, by a part or by a regular expression", () => {
    expect(isRight({ equals: "1 2" }, " 1 2\n")).toBe(true);
    expect(isRight({ equals: "1 2" }, "1 2 3")).toBe(false);
    expect(isRight({ contains: "b" }, "abc")).toBe(true);
    expect(isRight({ matches: "^a+$" }, "aaa")).toBe(true);
    expect(isRight({ matches: "^a+$" }, "aab")).toBe(false);
  });

  test.each([
    ["", /no tasks/],
    ["{", /line 1 of 'f' is not JSON/],
    [
      '{"prompt": "a", "check": {"equals": "b"}}\n{"prompt": 1}',
      /line 2 of 'f' must have a string 'prompt': found 1/,
    ],
    ['{"prompt": "a"}', /'check' with one of equals, contains, matches/],
    ['{"prompt": "a", "check": {"equals": "b", "contains": "b"}}', /'check'/],
    ['{"prompt": "a", "check": {"matches": "("}}', /must have a regular expression/],
    ["null", /must have a string 'prompt'/],
  ])("rejects %j", (text, message) => {
    expect(() => readTasks(text, "f")).toThrow(message);
  });

  test("of models/tiny are generated, and differ from the oracle's", () => {
    const script = join(root, "bench/tasks/generate.mjs");
    const shipped = readFileSync(join(tinyFolder, "tasks.jsonl"), "utf8");
    expect(execFileSync("node", [script, "1", "20"], { encoding: "utf8" })).toBe(shipped);
    const oracle = readTasks(readFileSync(join(root, "bench/tasks/oracle.jsonl"), "utf8"), "oracle");
    const prompts = new Set(oracle.map(({ prompt }) => prompt));
    expect(oracle).toHaveLength(600);
    const tasks = readTasks(shipped, "shipped");
    expect(tasks).toHaveLength(120);
    for (const { prompt } of tasks) expect(prompts.has(prompt)).toBe(false);
  });
});

describe("configurations", () => {
  test("an array in a field stands for all its values", () => {
    const text = JSON.stringify([
      { name: "plain" },
      {
        decoder: [{ name: "threshold", threshold: 0.9 }, { name: "factor" }],
        cache: [{ name: "none" }, { name: "dual" }],
      },
    ]);
    const names = readConfigurations(text, "f").map(({ name }) => name);
    expect(names).toEqual([
      "plain",
      "threshold 0.9, none",
      "threshold 0.9, dual",
      "factor, none",
      "factor, dual",
    ]);
  });

  test("may have a model, which is not part of the request", () => {
    const text = JSON.stringify([
      { preset: "balanced" },
      { model: ["a", "b"], preset: "official" },
      { name: "baseline", model: "a" },
    ]);
    expect(readConfigurations(text, "f")).toEqual([
      { name: "balanced", request: { preset: "balanced" } },
      { name: "official, a", model: "a", request: { preset: "official" } },
      { name: "official, b", model: "b", request: { preset: "official" } },
      { name: "baseline", model: "a", request: {} },
    ]);
  });

  test.each([
    ["{}", /must be a non-empty array/],
    ['[{"model": 1}]', /must have strings as 'model': found 1 in '1'/],
    ["[1]", /must contain objects: found 1 at 0/],
    ['[{"prompt": "a"}]', /must not set 'prompt', which comes from the tasks/],
    ['[{"name": "a"}, {"name": "a"}]', /two configurations of the same name: found 'a'/],
    ["[", /is not JSON/],
  ])("rejects %j", (text, message) => {
    expect(() => readConfigurations(text, "f")).toThrow(message);
  });
});

describe("statistics", () => {
  test("Wilson's interval of 8 in 10 equals the textbook value", () => {
    const { value, low, high } = wilson(8, 10);
    expect(value).toBe(0.8);
    expect(low).toBeCloseTo(0.4902, 4);
    expect(high).toBeCloseTo(0.9433, 4);
    expect(wilson(0, 5).low).toBeCloseTo(0, 12);
  });

  test("intervals contain their value, and shrink with the count", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(200), (count, some) => {
        const hits = some % (count + 1);
        const small = wilson(hits, count);
        const large = wilson(hits * 10, count * 10);
        expect(small.low <= small.value + 1e-12 && small.value <= small.high + 1e-12).toBe(true);
        expect(large.high - large.low).toBeLessThan(small.high - small.low);
      }),
    );
    expect(mean([1, 2, 3])).toMatchObject({ value: 2 });
    expect(mean([1, 2, 3]).high - 2).toBeCloseTo((1.959964 * 1) / Math.sqrt(3), 6);
  });

  test("a paired difference ignores common variation", () => {
    const left = [1, 0, 1, 1, 0, 1];
    expect(pairedDifference(left, left)).toEqual({ value: 0, low: 0, high: 0 });
    expect(pairedDifference([1, 1, 1, 1], [0, 1, 1, 1]).value).toBe(0.25);
  });
});

test("a summary has the totals and means of its records", () => {
  const make = (configuration: string, task: number, right: boolean, forwards: number): EvalRecord => {
    return {
      configuration,
      of: "",
      task,
      kind: task % 2 ? "a" : "b",
      right,
      text: "",
      completionTokens: 10,
      forwards,
      rows: 64,
      decodeMs: 100,
    };
  };
  const records = [
    make("x", 0, true, 10),
    make("x", 1, true, 10),
    make("y", 1, false, 2),
    make("y", 0, true, 5),
  ];
  const [x, y] = summarize(records, ["x", "y", "z"]);
  expect(x).toMatchObject({
    count: 2,
    totalTokensPerForward: 1,
    tokensPerSecond: 100,
    difference: undefined,
  });
  expect(y!.accuracy.value).toBe(0.5);
  expect(y!.difference!.value).toBe(-0.5);
  expect(y!.tokensPerForward.value).toBe(3.5);
  expect(y!.totalTokensPerForward).toBeCloseTo(20 / 7);
  expect(y!.kinds["a"]!.value).toBe(0);
  expect(summarize(records, ["x", "y"], "y")[0]!.difference!.value).toBe(0.5);
  expect(table([x!, y!]).trim().split("\n")).toHaveLength(4);
});

test("shares partition the pairs, independent of existing records", () => {
  const tasks = Array.from({ length: 7 }, () => ({ kind: "k", prompt: "p", check: { equals: "" } }));
  const configurations = ["x", "y", "z"].map((name) => ({ name, request: {} }));
  const known = new Set([recordKey({ configuration: "y", task: 3 })]);
  const all = [0, 1, 2].flatMap((index) => pending(tasks, configurations, known, { index, count: 3 }));
  const keys = all.map(({ configuration, task }) => recordKey({ configuration: configuration.name, task }));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toHaveLength(20);
});

describe("the command", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "unmask-eval-"));
    const tasks = ["reverse river stone", "reverse cloud piano", "sort 3 1 2"].map((prompt, index) => {
      const equals = ["stone river", "piano cloud", "wrong on purpose"][index];
      return JSON.stringify({ kind: prompt.split(" ")[0], prompt, check: { equals } });
    });
    writeFileSync(join(directory, "tasks.jsonl"), `${tasks.join("\n")}\n`);
    const configurations = [{ name: "some", genLength: 32, cache: [{ name: "none" }, { name: "dual" }] }];
    writeFileSync(join(directory, "configurations.json"), JSON.stringify(configurations));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const tiny = ["--model", tinyFolder];
  const run = (...extra: readonly string[]) => {
    const files = ["--tasks", "tasks.jsonl", "--configurations", "configurations.json", "--out", "out"];
    const args = [join(root, "dist/cli/main.js"), "eval", ...tiny, ...files, ...extra];
    return execFileSync("node", args, {
      cwd: directory,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  };
  /** Runs the command as if a package were not installed. */
  const runWithout = (missing: string, ...extra: readonly string[]) => {
    const hooks = `export async function resolve(name, context, next) {
      if (name !== ${JSON.stringify(missing)}) return next(name, context);
      throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
    }`;
    const dataUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
    const register = `import { register } from "node:module"; register(${JSON.stringify(dataUrl(hooks))});`;
    const files = ["--tasks", "tasks.jsonl", "--configurations", "configurations.json"];
    const args = [
      "--import",
      dataUrl(register),
      join(root, "dist/cli/main.js"),
      "eval",
      ...tiny,
      ...files,
      ...extra,
    ];
    return spawnSync("node", args, { cwd: directory, encoding: "utf8" });
  };
  const out = (name: string) => readFileSync(join(directory, "out", name), "utf8");

  test("runs in two processes, continues an interrupted run, and plots", () => {
    const first = run("--jobs", "2");
    expect(first).toMatch(/\| some, none +\| 3 /);
    expect(first).toContain("66.7 [");
    const records = readRecords(out("results.jsonl"), "results");
    expect(records).toHaveLength(6);
    expect(records.filter(({ right }) => right)).toHaveLength(4);
    expect(JSON.parse(out("summary.json"))).toHaveLength(2);
    expect(out("plot.svg")).toMatch(/^<svg [\s\S]*some, dual[\s\S]*<\/svg>\s*$/);

    // Removes two results and leaves an incomplete line, as after a kill.
    const lines = out("results.jsonl").trim().split("\n");
    writeFileSync(join(directory, "out/results.jsonl"), `${lines.slice(0, 4).join("\n")}\n`);
    appendFileSync(join(directory, "out/results.jsonl"), lines[4]!.slice(0, 20));
    run("--no-plot");
    const again = out("results.jsonl").trim().split("\n");
    expect(again.slice(0, 4)).toEqual(lines.slice(0, 4));
    expect(new Set(readRecords(out("results.jsonl"), "r").map(recordKey)).size).toBe(6);
  });

  test("prints and writes the table without the plotting packages, after a notice", () => {
    const ran = runWithout("@observablehq/plot", "--out", "plain", "--limit", "1");
    expect(ran.status).toBe(0);
    expect(ran.stdout).toMatch(/\| some, none +\| 1 /);
    expect(ran.stderr).toMatch(
      /^The plot will be left out, as @observablehq\/plot and linkedom are not installed: run `npm install /,
    );
    expect(readFileSync(join(directory, "plain", "table.md"), "utf8")).toBe(ran.stdout);
    expect(existsSync(join(directory, "plain", "summary.json"))).toBe(true);
    expect(existsSync(join(directory, "plain", "plot.svg"))).toBe(false);
    const quiet = runWithout("linkedom", "--out", "plain", "--limit", "1", "--no-plot");
    expect([quiet.status, quiet.stdout, quiet.stderr]).toEqual([0, ran.stdout, ""]);
  });

  test("runs each configuration on its own model", () => {
    const configurations = [
      { name: "common", genLength: 8 },
      { name: "named", genLength: 8, model: tinyFolder },
    ];
    writeFileSync(join(directory, "models.json"), JSON.stringify(configurations));
    const files = ["--configurations", "models.json", "--limit", "1", "--no-plot", "--verbose"];
    const printed = run(...files, "--out", "models");
    expect(printed).toMatch(/\| common +\| 1 [\s\S]*\| named +\| 1 /);
    writeFileSync(join(directory, "models.json"), JSON.stringify([{ name: "gone", model: "/nowhere" }]));
    expect(() => run(...files, "--out", "gone")).toThrow(/\/nowhere/);
  });

  test("rejects results of different tasks or configurations with the same name", () => {
    const others = readFileSync(join(directory, "tasks.jsonl"), "utf8").replace("river stone", "stone river");
    writeFileSync(join(directory, "others.jsonl"), others);
    expect(() => run("--tasks", "others.jsonl")).toThrow(
      /found a different task 0 under 'some, (none|dual)'/,
    );
    writeFileSync(join(directory, "others.json"), '[{"name": "some, dual", "genLength": 32}]');
    expect(() => run("--configurations", "others.json")).toThrow(
      /found a different task \d under 'some, dual'/,
    );
    expect(readRecords(out("results.jsonl"), "r")).toHaveLength(6);
  });

  test("rejects invalid options", () => {
    expect(() => run("--jobs", "0")).toThrow(/--jobs/);
    writeFileSync(join(directory, "file"), "");
    for (const place of ["file", "file/out"])
      expect(() => run("--out", place)).toThrow(
        /Cannot create the directory 'file.*' as a file is in the way/,
      );
    expect(() => run("--backend", "abacus", "--jobs", "2", "--out", "none")).toThrow(
      /Cannot finish the evaluation as job [01] ended with code 2\n/,
    );
    expect(() => run("--share", "2/2")).toThrow(/'--share' must be INDEX\/COUNT, for example 0\/2/);
    expect(() => run("--baseline", "none")).toThrow(/'--baseline' must be a configuration: found 'none'/);
    expect(() => run("--tasks", "missing.jsonl")).toThrow(
      /Cannot read 'missing.jsonl' as there is no such file/,
    );
  });
});
