import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tinyFolder } from "../support/tinyModel.ts";
import { temporaryFolder } from "./folder.ts";
import { oracleDirectory, runCommand } from "./testIo.ts";

const folder = temporaryFolder();
const tiny = ["--model", tinyFolder];
function fileOf(content: unknown): string {
  return folder.write(typeof content === "string" ? content : JSON.stringify(content));
}
function oracle<T>(name: string): T {
  return JSON.parse(readFileSync(join(oracleDirectory, name), "utf8")) as T;
}
async function debug<T>(...argv: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await runCommand(["debug", ...argv]);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as T;
}

interface Trace {
  readonly config: string;
  readonly request: { readonly prompt: readonly number[]; readonly [name: string]: unknown };
  readonly x: unknown;
  readonly steps: readonly unknown[];
  readonly passes: unknown;
  readonly forwards: number;
  readonly refreshes: number;
}

describe("debug trace", () => {
  const { mask, eos, traces } = oracle<{ mask: number; eos: number; traces: readonly Trace[] }>(
    "traces.json",
  );
  // One trace for each of the first configurations.
  const configs = [...new Set(traces.map(({ config }) => config))];
  const chosen = configs.slice(0, 12).map((config) => traces.find((trace) => trace.config === config)!);
  const wanted = chosen.map(({ x, steps, passes, forwards, refreshes }) => {
    return { x, steps, passes, forwards, refreshes };
  });

  test("reproduces the traces of a file in order", async () => {
    const input = fileOf({ mask, eos, traces: chosen });
    expect(await debug("trace", ...tiny, "--input", input, "--loop", "host")).toEqual({ results: wanted });
  });

  test("runs a file of requests, whose special tokens override the model's", async () => {
    const request = { ...chosen[0]!.request, gen: 64, block: 32 };
    const run = async (tokens: object) => {
      const input = fileOf({ ...tokens, requests: [request] });
      const { results } = await debug<{ results: readonly Trace[] }>("trace", ...tiny, "--input", input);
      return results[0]!;
    };
    const plain = await run({});
    expect(await run({ mask, eos })).toEqual(plain);
    const unused = 103;
    expect((await run({ mask, eos: unused })).forwards).toBeGreaterThan(plain.forwards);
    expect((await run({ mask: unused, eos })).steps).not.toEqual(plain.steps);
  });

  test("reproduces block-causal traces, and counts prefills as passes but not as steps", async () => {
    const file = oracle<{ mask: number; eos: number; traces: readonly Trace[] }>("block-traces.json");
    const names = [...new Set(file.traces.map(({ config }) => config))];
    expect(names).toHaveLength(6);
    const some = names.flatMap((name) => file.traces.filter(({ config }) => config === name).slice(0, 2));
    const input = fileOf({ ...file, traces: some });
    const { results } = await debug<{ results: readonly Trace[] }>("trace", ...tiny, "--input", input);
    expect(results.map(({ x, steps }) => ({ x, steps }))).toEqual(some.map(({ x, steps }) => ({ x, steps })));
    const prefilled = some.map((trace, index) => {
      const { passes, forwards } = results[index]!;
      const [first] = passes as readonly (readonly [start: number, count: number])[];
      // The whole blocks of the prompt, if any, are encoded first.
      const { prompt, maskBlock, origin } = trace.request as Trace["request"] & Record<string, unknown>;
      const length = prompt.length;
      const encoded = origin === "prompt" ? length : length - (length % (maskBlock as number));
      if (encoded > 0) expect(first).toEqual([0, encoded]);
      expect((passes as readonly unknown[]).length - forwards).toBe(encoded > 0 ? 1 : 0);
      return encoded > 0;
    });
    expect(prefilled).toContain(true);
  });

  test("accepts block-causal requests", async () => {
    const [unsure] = [...chosen].sort((a, b) => b.steps.length - a.steps.length);
    const request = { ...unsure!.request, gen: 32, block: 8, mode: "default", cache: { name: "none" } };
    const run = (mask: object) =>
      debug("trace", ...tiny, "--input", fileOf({ requests: [{ ...request, smoothing: null, ...mask }] }));
    const zero = await run({ maskBlock: 8, origin: "zero" });
    expect(await run({ maskBlock: 8 })).toEqual(zero);
    expect(await run({})).not.toEqual(zero);
    expect(await run({ maskBlock: 8, origin: "prompt" })).not.toEqual(zero);
  });

  const request = { ...chosen[0]!.request };
  test.each<[string, unknown, string]>([
    ["invalid JSON", "{", "is not valid JSON"],
    ["no requests", {}, "'requests' must be a list: found undefined"],
    [
      "an invalid prompt token",
      { requests: [{ ...request, prompt: [1.5] }] },
      "'requests[0].prompt[0]' must be an integer",
    ],
    [
      "a length of 0",
      { requests: [request, { ...request, gen: 0 }] },
      "'requests[1].gen' must be an integer of at least 1: found 0",
    ],
    [
      "an unknown mode",
      { requests: [{ ...request, mode: "fast" }] },
      `'requests[0].mode' must be one of default, reference: found "fast"`,
    ],
    ["an unknown decoder", { requests: [{ ...request, decoder: { name: "magic" } }] }, 'found "magic"'],
    ["an unknown cache", { requests: [{ ...request, cache: { name: "magic" } }] }, 'found "magic"'],
    [
      "a decoder's unknown option",
      { requests: [{ ...request, decoder: { name: "threshold", x: 1 } }] },
      "no option 'x'",
    ],
    [
      "a prompt that is too long",
      { requests: [{ ...request, gen: 5000 }] },
      "requests[0]: Cannot run the request",
    ],
    [
      "an invalid mask token",
      { mask: -1, requests: [request] },
      "'mask' must be an integer of at least 0: found -1",
    ],
  ])("rejects a file with %s", async (_, content, message) => {
    const { code, stdout, stderr } = await runCommand([
      "debug",
      "trace",
      ...tiny,
      "--input",
      fileOf(content),
    ]);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, ""]);
  });

  test("decides the same on the host and in the device loop", async () => {
    const input = fileOf({ requests: [{ ...request, mode: "default" }] });
    const run = (loop: string) =>
      debug("trace", ...tiny, "--input", input, "--backend", "cpu", "--loop", loop);
    expect(await run("device")).toEqual(await run("host"));
  });

  test("rejects a missing file", async () => {
    const missing = await runCommand(["debug", "trace", "--input", "/nowhere.json"]);
    expect(missing).toMatchObject({
      code: 2,
      stderr: "unmask: Cannot read '/nowhere.json' as there is no such file\n",
    });
  });
});

describe("debug logits", () => {
  interface Logits {
    readonly cases: readonly {
      readonly ids: readonly number[];
      readonly logits: readonly (readonly number[])[];
    }[];
  }
  const name = "models/llada/logits.json";
  const model = join(oracleDirectory, "models/llada");

  test("reproduces the logits of a file", async () => {
    const wanted = oracle<Logits>(name);
    const got = await debug<Logits>("logits", "--model", model, "--input", join(oracleDirectory, name));
    expect(got.cases.length).toBe(wanted.cases.length);
    wanted.cases.forEach(({ logits }, index) => {
      logits.forEach((row, position) => {
        const scale = Math.max(...row.map(Math.abs));
        const own = got.cases[index]!.logits[position]!;
        expect(own.length).toBe(row.length);
        expect(Math.max(...row.map((value, token) => Math.abs(value - own[token]!))) / scale).toBeLessThan(
          2e-4,
        );
      });
    });
  });

  test("accepts a block length and the origin of the grid", async () => {
    const ids = [5, 6, 7, 8, 9, 10];
    const cases = [
      { ids },
      { ids, blockLength: 6 },
      { ids, blockLength: 4 },
      { ids, blockLength: 4, origin: "prompt", promptLength: 2 },
    ];
    const got = await debug<Logits>("logits", "--model", model, "--input", fileOf({ cases }));
    const [whole, six, four, prompt] = got.cases.map(({ logits }) => logits);
    expect(six).toEqual(whole);
    // A grid at 0 and 4 and a grid at 2 and 6 give the positions different contexts.
    expect(four![0]).not.toEqual(whole![0]);
    expect(prompt![0]).not.toEqual(four![0]);
  });

  test("rejects tokens outside of the vocabulary", async () => {
    const input = fileOf({ cases: [{ ids: [100000] }] });
    const { code, stderr } = await runCommand(["debug", "logits", "--model", model, "--input", input]);
    expect(stderr).toContain("token 100000 at position 0 is outside the vocabulary of 128");
    expect(code).toBe(2);
  });
});

describe("debug commits", () => {
  interface Case {
    readonly decoder: string;
    readonly params: object;
    readonly start: readonly number[];
    readonly steps: readonly { readonly logits: readonly (readonly number[])[]; readonly commit: unknown }[];
  }
  const { mask, eos, cases } = oracle<{ mask: number; eos: number; cases: readonly Case[] }>("vectors.json");

  test.each(["threshold", "fixed", "hierarchical", "credit", "factor"])(
    "reproduces the commits of %s",
    async (decoder) => {
      const chosen = cases.filter((each) => each.decoder === decoder);
      expect(chosen.length).toBeGreaterThan(0);
      const wanted = chosen.map(({ steps }) => ({ steps: steps.map(({ commit }) => ({ commit })) }));
      const input = fileOf({ mask, eos, cases: chosen });
      expect(await debug("commits", "--input", input)).toEqual({ cases: wanted });
    },
  );

  test("reproduces the commits of the whole file", async () => {
    const wanted = cases.map(({ steps }) => ({ steps: steps.map(({ commit }) => ({ commit })) }));
    expect(wanted).toHaveLength(124);
    expect(await debug("commits", "--input", join(oracleDirectory, "vectors.json"))).toEqual({
      cases: wanted,
    });
  });

  const [first] = cases;
  test.each<[string, object, string]>([
    ["no mask", { cases: [] }, "'mask' must be an integer"],
    ["an unknown decoder", { mask, cases: [{ ...first, decoder: "magic" }] }, 'found "magic"'],
    [
      "too few rows",
      { mask, cases: [{ ...first, steps: [{ logits: [[1, 2]] }] }] },
      "'cases[0].steps[0].logits' must be a list of",
    ],
    [
      "strings as logits",
      { mask, cases: [{ ...first, start: [1], steps: [{ logits: [["a"]] }] }] },
      `logits[0][0]' must be a number: found "a"`,
    ],
  ])("rejects a file with %s", async (_, content, message) => {
    const { code, stdout, stderr } = await runCommand(["debug", "commits", "--input", fileOf(content)]);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, ""]);
  });
});
