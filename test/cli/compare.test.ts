import { beforeAll, describe, expect, test } from "vitest";
import { compareTraces, readTrace, type TraceComparison } from "../../src/core/index.ts";
import { temporaryFolder } from "./folder.ts";
import { runCommand, runTiny } from "./testIo.ts";

const folder = temporaryFolder();
const prompt = "story: leo, blue bird, lake";
const careful = folder.path("careful.jsonl");
const hasty = folder.path("hasty.jsonl");
const other = folder.path("other.jsonl");
beforeAll(async () => {
  const record = async (file: string, text: string, ...options: string[]) =>
    expect((await runTiny(["generate", text, "--trace", file, ...options])).code).toBe(0);
  await record(careful, prompt, "--threshold", "2", "--cache", "dual");
  await record(hasty, prompt, "--threshold", "0", "--temperature", "50");
  await record(other, "sort 3 1 2");
});

async function compare(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(["compare", ...argv]);
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
}

describe("compare", () => {
  test("--json prints the comparison as JSON", async () => {
    const [a, b] = [careful, hasty].map((file) => readTrace(folder.read(file), file));
    const found = JSON.parse(await compare(careful, hasty, "--json")) as TraceComparison;
    expect(found).toEqual(JSON.parse(JSON.stringify(compareTraces(a!, b!))));
    expect(found.differences.length).toBeGreaterThan(20);
    expect(JSON.parse(await compare(careful, careful, "--json"))).toMatchObject({
      sameStart: true,
      firstStep: null,
      differences: [],
    });
  });

  test("prints costs, the first differing step, at most 20 positions, and both texts", async () => {
    const { differences, left, right } = JSON.parse(
      await compare(careful, hasty, "--json"),
    ) as TraceComparison;
    const text = await compare(careful, hasty);
    const [costs, table, texts] = text.split("\n\n");
    const row = (name: string, a: string | number, b: string | number) =>
      expect(costs).toMatch(new RegExp(`^${name} +${a} +${b}$`, "m"));
    row("decoder", "threshold, threshold 2", "threshold, threshold 0");
    row("cache", "dual", "none");
    row("preset", "-", "-");
    row("smoothing", "-", "-");
    row("forwards", left.usage!.forwards, right.usage!.forwards);
    row("refreshes", left.usage!.refreshes, right.usage!.refreshes);
    expect(left.usage!.refreshes).toBeGreaterThan(0);
    row(
      "tokens per forward",
      left.usage!.tokensPerForward.toFixed(2),
      right.usage!.tokensPerForward.toFixed(2),
    );
    row("tokens/s", left.usage!.tokensPerSecond.toFixed(1), right.usage!.tokensPerSecond.toFixed(1));
    const lines = table!.split("\n");
    expect(lines[0]).toBe(`Commits first differ at step 0. ${differences.length} final tokens differ:`);
    expect(lines.at(-1)).toBe(`and ${differences.length - 20} more`);
    const rows = lines.slice(2, -1);
    expect(rows).toHaveLength(20);
    const known = differences.findIndex(
      (each) => each.left.text !== undefined && each.right.text !== undefined,
    );
    const { position, left: a, right: b } = differences[known]!;
    const cells = [a, b].map(
      (each) => `${JSON.stringify(each.text)} ${each.step} ${each.confidence!.toFixed(2)}`,
    );
    expect(rows[known]!.trim().replaceAll(/ {2,}/g, " ")).toBe(`${position} ${cells.join(" ")}`);
    expect(texts).toBe(`left:  ${left.text}\nright: ${right.text}\n`);
  });

  test("reports identical traces, different prompts, and a trace that ends early", async () => {
    expect(await compare(careful, careful)).toContain(
      "\nAll steps commit the same tokens, and the final tokens are identical.\n",
    );
    expect(await compare(careful, other)).toContain("The traces have different prompts or canvases");
    const lines = folder.read(careful).split("\n");
    const early = folder.write(`${lines.slice(0, -2).join("\n")}\n`);
    const text = await compare(early, careful);
    expect(text).toContain("A trace ends early: its final tokens are unknown.");
    expect(text).toMatch(/^forwards +- +\d+$/m);
    expect(text).toContain("left:  (unknown)\n");
  });

  test("reports the same tokens in a different order", async () => {
    const [one, two] = [folder.path(), folder.path()];
    const options = ["sort 42 17 90", "--gen-length", "8", "--decoder", "fixed", "--steps"];
    for (const [trace, steps] of [
      [one, "8"],
      [two, "2"],
    ] as const) {
      expect((await runTiny(["generate", ...options, steps, "--trace", trace])).code).toBe(0);
    }
    expect(JSON.parse(await compare(one, two, "--json"))).toMatchObject({ firstStep: 0, differences: [] });
    const text = await compare(one, two);
    expect(text).toContain(
      "\nThe final tokens are identical, but from step 0 on they are committed in a different order.\n",
    );
    expect(text).not.toContain("differ.");
  });

  test.each<[string, () => readonly string[], string]>([
    ["a file that is not a trace", () => [careful, folder.write("{}\n")], "not the header of a trace"],
    ["a missing file", () => ["/nowhere.jsonl", careful], "there is no such file"],
    ["a single file", () => [careful], "missing required argument 'right'"],
  ])("rejects %s", async (_, argv, message) => {
    const { code, stdout, stderr } = await runCommand(["compare", ...argv()]);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, ""]);
  });
});
