import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sampledModels } from "../suites/samplers.ts";
import { temporaryFolder } from "./folder.ts";
import { oracleDirectory, runCommand } from "./testIo.ts";

interface SampleFile {
  readonly params: Readonly<Record<string, unknown>>;
  readonly cases: readonly { readonly prompt: readonly number[]; readonly out: readonly number[] }[];
}

const folder = temporaryFolder();
const modelPath = (name: string) => join(oracleDirectory, "models", name);
/** The sets of a model's file, reduced to their first case. test/cpu runs all cases. */
function setsOf(name: string): readonly SampleFile[] {
  const file = JSON.parse(readFileSync(join(modelPath(name), "generate.json"), "utf8")) as SampleFile[];
  return file.map((set) => ({ ...set, cases: set.cases.slice(0, 1) }));
}
const sample = (model: string, content: unknown, ...more: readonly string[]) =>
  runCommand([
    ...["debug", "sample", "--backend", "cpu", "--model", modelPath(model)],
    ...["--input", folder.write(JSON.stringify(content)), ...more],
  ]);

describe("debug sample", () => {
  test.each(sampledModels)("reproduces the results of the sampler of %s", async (name) => {
    const sets = setsOf(name);
    const blind = sets.map((set) => ({ ...set, cases: set.cases.map(({ prompt }) => ({ prompt })) }));
    const { code, stdout, stderr } = await sample(name, blind);
    expect([code, stderr]).toEqual([0, ""]);
    const wanted = sets.map(({ cases }) => ({ cases: cases.map(({ out }) => ({ out })) }));
    expect(JSON.parse(stdout)).toEqual({ sets: wanted });
  });

  const [set] = setsOf("qwen3-causal");
  const { prompt, out } = set!.cases[0]!;

  test("--check counts equal answers", async () => {
    const twice = [set, { ...set, cases: [...set!.cases, { prompt, out }] }];
    expect(await sample("qwen3-causal", twice, "--check")).toEqual({
      code: 0,
      stderr: "",
      stdout: "0 (greedy): 1 of 1 equal\n1 (greedy): 2 of 2 equal\n",
    });
  });

  test("--check shows the first difference, and fails", async () => {
    const wrong = out.with(5, 99);
    const short = out.slice(0, -1);
    const sets = [
      {
        ...set,
        cases: [
          { prompt, out },
          { prompt, out: wrong },
        ],
      },
      { ...set, cases: [{ prompt, out: short }] },
    ];
    const { code, stdout } = await sample("qwen3-causal", sets, "--check");
    expect(code).toBe(1);
    expect(stdout).toBe(
      `0 (greedy): 1 of 2 equal\n  case 1, token 5: expected 99, found ${out[5]}\n` +
        `1 (greedy): 0 of 1 equal\n  case 0, token ${short.length}: expected none, found ${out.at(-1)}\n`,
    );
  });

  const params = set!.params;
  test.each<[string, unknown, string]>([
    ["an object", {}, "its top level must be a list"],
    [
      "an unknown sampler",
      [{ ...set, params: { ...params, sampler: "magic" } }],
      "'[0].params.sampler' must be one of llada, llada2, llada2.1-edit, dream, sdar, fast-dllm-v2, rnd1, bd3lm, greedy",
    ],
    [
      "an unknown parameter",
      [{ ...set, params: { ...params, top_k: 3 } }],
      "'[0].params.top_k' must be absent (known fields: sampler, max_new_tokens): found 3",
    ],
    [
      "a missing length",
      [{ ...set, params: { sampler: "greedy" } }],
      "'[0].params.max_new_tokens' must be an integer of at least 1",
    ],
    ["a string as prompt", [{ ...set, cases: [{ prompt: "a" }] }], "'[0].cases[0].prompt' must be a list"],
  ])("rejects %s", async (_, content, message) => {
    const { code, stdout, stderr } = await sample("qwen3-causal", content);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, ""]);
  });

  test("--check rejects a file without answers", async () => {
    const { code, stderr } = await sample("qwen3-causal", [{ ...set, cases: [{ prompt }] }], "--check");
    expect(stderr).toContain("as not all of its cases have an 'out'");
    expect(code).toBe(2);
  });
});
