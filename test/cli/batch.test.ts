import { existsSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { Engine, type GenerateRequest } from "../../src/core/index.ts";
import { runToEnd } from "../suites/run.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { temporaryFolder } from "./folder.ts";
import { runTiny, TestIo } from "./testIo.ts";

const folder = temporaryFolder();
const engine = Engine.load(cpuSurroundings.tinyModel, { backend: cpuSurroundings.backend });
afterAll(async () => (await engine).dispose());

interface Result {
  readonly index: number;
  readonly id?: string | number;
  readonly text?: string;
  readonly tokens?: readonly number[];
  readonly reason?: string;
  readonly usage?: { readonly forwards: number };
  readonly holes?: readonly { readonly text: string }[];
  readonly error?: { readonly code: string; readonly message: string };
}
const chat = (content: string) => ({ messages: [{ role: "user", content }] });
const jsonLines = (values: readonly unknown[]) =>
  values.map((value) => `${typeof value === "string" ? value : JSON.stringify(value)}\n`).join("");
const byIndex = (results: readonly Result[]) => [...results].sort((a, b) => a.index - b.index);

async function batch(input: readonly unknown[], output = folder.path(), ...options: readonly string[]) {
  const argv = ["batch", "--input", folder.write(jsonLines(input)), "--output", output, ...options];
  const ran = await runTiny(argv);
  return { ...ran, results: byIndex(folder.lines<Result>(output)), output };
}

const requests = [
  { id: "a", ...chat("sort 42 17 90") },
  { id: 7, prompt: "json: mia", genLength: 8, temperature: 1, seed: 3 },
  { tokens: [70, 71, 72], genLength: 16, decoder: { name: "fixed", steps: 4 } },
  { ...chat("reverse river stone cloud"), infill: ["cloud ", { length: 5 }, " river"] },
  chat("reverse a b c"),
  { id: "story", ...chat("story: leo, blue bird, lake"), cache: { name: "dual" } },
] as const satisfies readonly object[];

describe("a batch", () => {
  test("gives each line the result of a separate generation", async () => {
    const { code, results, stdout, stderr } = await batch(requests);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toBe("6 of 6 requests done, 0 failed\n");
    expect(results.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(results.map(({ id }) => id)).toEqual(["a", 7, undefined, undefined, undefined, "story"]);
    for (const [index, { id: _, ...request }] of (requests as readonly { id?: unknown }[]).entries()) {
      const { done } = await runToEnd(await engine, request as GenerateRequest);
      const { text, tokens, reason, holes, usage } = results[index]!;
      expect({ text, tokens, reason, holes }).toEqual({
        text: done.text,
        tokens: done.tokens,
        reason: done.reason,
        holes: done.holes,
      });
      expect(usage!.forwards).toBe(done.usage.forwards);
    }
    expect(results[3]).toMatchObject({ text: "cloud stone river", holes: [{ text: "stone" }] });
  });

  test("runs requests concurrently, and writes each result as soon as it is ready", async () => {
    const slow = {
      id: "slow",
      ...chat("story: leo, blue bird, lake"),
      genLength: 32,
      decoder: { name: "threshold", threshold: 2 },
    };
    const quick = { id: "quick", ...chat("reverse a b c"), genLength: 8 };
    const order = async (concurrency: string) => {
      const { output } = await batch([slow, quick, quick], undefined, "--concurrency", concurrency);
      return folder.lines<Result>(output).map(({ index }) => index);
    };
    expect(await order("1")).toEqual([0, 1, 2]);
    expect((await order("2")).at(-1)).toBe(0);
  });

  test("options are defaults for all lines", async () => {
    const alone = { ...chat("sort 3 1 2"), decoder: { name: "fixed", steps: 2 }, genLength: 16 };
    const lines = [
      chat("sort 3 1 2"),
      alone,
      { ...chat("reverse river stone cloud"), infill: ["cloud ", { length: 5 }] },
      { messages: [{ role: "system", content: "own" }, ...chat("sort 3 1 2").messages] },
    ];
    const options = ["--decoder", "fixed", "--steps", "5", "--gen-length", "8", "--block-length", "8"];
    const { results } = await batch(lines, undefined, ...options, "--system", "theirs and longer");
    const done = async (request: object) => (await runToEnd(await engine, request as GenerateRequest)).done;
    expect(results[0]!.usage!.forwards).toBe(5);
    const promptTokens = (result: Result) =>
      (result.usage as unknown as { promptTokens: number }).promptTokens;
    const system = { role: "system", content: "theirs and longer" };
    const messages = [system, ...chat("sort 3 1 2").messages];
    expect(promptTokens(results[0]!)).toBe((await done({ messages, genLength: 8 })).usage.promptTokens);
    expect(results[1]!.usage!.forwards).toBe(
      (await done({ ...alone, messages, blockLength: 8 })).usage.forwards,
    );
    expect(results[2]!.holes).toHaveLength(1);
    expect(promptTokens(results[3]!)).toBe((await done({ ...lines[3], genLength: 8 })).usage.promptTokens);
  });

  test("an invalid line does not affect other lines", async () => {
    const bad: readonly (readonly [unknown, string, string])[] = [
      ["{", "invalid-request", "Cannot use line 2 of "],
      ["[1]", "invalid-request", "it must be an object: found [1]"],
      [{ id: {}, prompt: "x" }, "invalid-request", "'id' must be a string or a number: found {}"],
      [{ id: "x" }, "invalid-request", "exactly one of 'messages', 'prompt' and 'tokens' must be given"],
      [{ ...chat("sort é") }, "text", "drops 'é'"],
      [{ prompt: "x", genLength: 600 }, "context-exceeded", "context has 512 positions"],
      [{ prompt: "x", frobnicate: 1 }, "invalid-request", "frobnicate"],
      [{ prompt: "x", decoder: { name: "magic" } }, "invalid-request", 'found "magic"'],
    ];
    const lines = ["", ...bad.slice(0, 1).map(([line]) => line), "  ", ...bad.slice(1).map(([line]) => line)];
    const { code, results, stderr } = await batch([...lines, requests[0]]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^First failure, request 0: Cannot use line 2 of '[^\n]+' as it is not JSON\n/);
    expect(stderr.match(/First failure/g)).toHaveLength(1);
    expect(stderr).toMatch(/\n9 of 9 requests done, 8 failed\n$/);
    expect(results.at(-1)).toMatchObject({ index: 8, id: "a", text: "17 42 90" });
    expect(results[3]!.id).toBe("x");
    bad.forEach(([, errorCode, message], index) => {
      expect(results[index]!.error!.code).toBe(errorCode);
      expect(results[index]!.error!.message).toContain(message);
      expect(results[index]).not.toHaveProperty("text");
    });
    const broken = folder.write(
      Buffer.concat([Uint8Array.of(0xff, 0x0a), Buffer.from(jsonLines([requests[0]]))]),
    );
    const output = folder.path();
    expect((await runTiny(["batch", "--input", broken, "--output", output])).code).toBe(1);
    expect(byIndex(folder.lines<Result>(output))).toMatchObject([{ error: {} }, { text: "17 42 90" }]);
  });

  test.each([
    { messages: [{ role: 1, content: [] }] },
    { prompt: 5 },
    { prompt: null },
    { tokens: "abc" },
    { tokens: [1e9] },
    { infill: [null] },
    { infill: 3 },
    { prompt: "x", cache: "dual" },
    { prompt: "x", stop: "a" },
    { prompt: "x", stop: [""] },
    { prompt: "x", stopTokens: [-1] },
    { prompt: "x", draft: 3 },
    { prompt: "x", draft: { text: 3 } },
    { prompt: "x", smoothing: 1 },
    { prompt: "x", smoothing: [] },
    { prompt: "x", overrides: 1 },
    { prompt: "x", overrides: { maskToken: "a" } },
  ])("%o is refused with a reason", async (request) => {
    const { code, results } = await batch([request]);
    expect(code).toBe(1);
    expect(results[0]!.error!.message).toMatch(/^Cannot /);
    expect(results[0]!.error!.code).not.toBe("internal");
  });

  test("malformed messages do not affect other lines", async () => {
    const { code, results } = await batch([{ messages: 5 }, { messages: [null] }, requests[0]]);
    expect(code).toBe(1);
    expect(results.map(({ error }) => error === undefined)).toEqual([false, false, true]);
  });

  test("reads standard input and prints to standard output", async () => {
    const { code, stdout, stderr } = await runTiny(["batch", "--input", "-", "--output", "-"], {
      input: jsonLines(requests.slice(0, 1)),
    });
    expect(JSON.parse(stdout)).toMatchObject({ index: 0, id: "a", text: "17 42 90" });
    expect([code, stderr]).toEqual([0, "1 of 1 requests done, 0 failed\n"]);
  });

  test.each(["", "\n  \n"])("without requests (%j) is rejected, and creates no output", async (text) => {
    const [input, output] = [folder.write(text), folder.path()];
    const ran = await runTiny(["batch", "--input", input, "--output", output]);
    expect(ran.stderr).toBe(`unmask: Cannot answer the batch as '${input}' has no requests\n`);
    expect([ran.code, existsSync(output)]).toEqual([2, false]);
    const piped = await runTiny(["batch", "--input", "-", "--output", "-"], { input: text });
    expect(piped).toMatchObject({ code: 2, stdout: "" });
    expect(piped.stderr).toContain("'standard input' has no requests");
  });

  test("shows its progress on a terminal", async () => {
    const input = folder.write(jsonLines([requests[0], requests[4]]));
    const ran = await runTiny(["batch", "--input", input, "--output", folder.path()], { tty: true });
    expect(ran.stderr).toContain("\r\u001b[K1 of 2 requests done, 0 failed");
    expect(ran.stderr.endsWith("\r\u001b[K2 of 2 requests done, 0 failed\n")).toBe(true);
  });
});

describe("an interrupted batch", () => {
  test("resumes, and gives the results of an uninterrupted batch", async () => {
    const cheap = requests.map((request) => ("infill" in request ? request : { ...request, genLength: 8 }));
    const whole = await batch(cheap);
    const lines = folder.read(whole.output).split(/(?<=\n)/);
    for (const kept of [0, 1, 4, lines.length]) {
      // Cuts within a line: before it, inside it, and before its line break.
      for (const cut of kept < lines.length ? [0, 1, 4, 30, lines[kept]!.length - 1] : [0]) {
        const before = lines.slice(0, kept).join("");
        const output = folder.write(before + (lines[kept] ?? "").slice(0, cut));
        const { code, results, stderr } = await batch(cheap, output);
        expect(code).toBe(0);
        expect(folder.read(output).startsWith(before)).toBe(true);
        const essence = ({ index, id, text, tokens }: Result) => ({ index, id, text, tokens });
        expect(results.map(essence)).toEqual(whole.results.map(essence));
        const earlier = kept > 0 ? `, ${kept} from an earlier run` : "";
        expect(stderr.endsWith(`6 of 6 requests done, 0 failed${earlier}\n`)).toBe(true);
      }
    }
  });

  test("Ctrl-C leaves complete lines, from which the same command resumes", async () => {
    const many = Array.from({ length: 12 }, (_, i) => ({ id: i, ...chat(`sort ${i + 10} 37 23 19`) }));
    const input = folder.write(jsonLines(many));
    const output = folder.path();
    const argv = ["batch", "--input", input, "--output", output, "--concurrency", "2", "--gen-length", "32"];
    const io = new TestIo({ tty: true });
    io.stderr.when("1 of 12", () => io.interrupt());
    const { code, stderr } = await runTiny(argv, io);
    expect(code).toBe(130);
    expect(stderr).toMatch(/(\d+) of 12 requests done, 0 failed\nunmask: interrupted\n$/);
    expect(io.listenerCount).toBe(0);
    const first = folder.lines<Result>(output);
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(12);
    expect((await runTiny(argv)).stderr).toBe(
      `12 of 12 requests done, 0 failed, ${first.length} from an earlier run\n`,
    );
    const all = folder.lines<Result>(output);
    expect(all.slice(0, first.length)).toEqual(first);
    expect(all.map(({ id }) => id as number).sort((a, b) => a - b)).toEqual(many.map(({ id }) => id));
  });

  test("counts earlier failures", async () => {
    const { output } = await batch(["{", requests[0]]);
    const again = await batch(["{", requests[0]], output);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/^First failure, request 0: [^\n]+ is not JSON\n/);
    expect(again.stderr).toMatch(/\n2 of 2 requests done, 1 failed, 2 from an earlier run\n$/);
  });

  const [done] = [{ index: 0, id: "a", tokens: [1] }];
  test.each<[string, readonly unknown[], string]>([
    [
      "another id",
      [{ ...done, id: "b" }],
      `its line 1 belongs to another input: request 0 of this input has the id "a", found "b"`,
    ],
    ["no id", [{ index: 0, tokens: [] }], "found undefined"],
    [
      "an id for a request without one",
      [done, { ...done, index: 2 }],
      "line 2 belongs to another input: request 2 of this input has no id",
    ],
    ["more requests", [{ ...done, index: 6 }], "found index 6, but this input has 6 requests"],
    ["one request twice", [done, done], "its line 2 repeats index 0"],
    ["something else", ["hello", done], "its line 1 is not a result of a batch"],
    ["requests", [requests[0]], "its line 1 is not a result of a batch"],
  ])("is refused, and nothing written, where the output is of %s", async (_, lines, message) => {
    const output = folder.write(jsonLines(lines));
    const { code, stderr } = await runTiny([
      ...["batch", "--input", folder.write(jsonLines(requests)), "--output", output],
    ]);
    expect(stderr).toContain(message);
    expect([code, folder.read(output)]).toEqual([2, jsonLines(lines)]);
  });

  test("an output file with other content stays unchanged", async () => {
    const output = folder.write("my notes");
    const ran = await runTiny(["batch", "--input", folder.write("{}\n"), "--output", output]);
    expect(ran.stderr).toContain('its last line is not the beginning of a result: found "my notes"');
    expect([ran.code, folder.read(output)]).toEqual([2, "my notes"]);
  });
});

describe("batch rejects", () => {
  test.each<[string, readonly string[], string]>([
    ["no input", ["--output", "-"], "required option '--input <file>'"],
    ["no output", ["--input", "-"], "required option '--output <file>'"],
    ["an input that is not there", ["--input", "/nowhere", "--output", "-"], "there is no such file"],
    [
      "a count of 0",
      ["--input", "-", "--output", "-", "--concurrency", "0"],
      "'--concurrency' as it must be a positive",
    ],
    ["options of another decoder", ["--input", "-", "--output", "-", "--steps", "3"], "no option 'steps'"],
    [
      "an output in a missing directory",
      ["--input", folder.write(jsonLines([requests[0]])), "--output", "/no/where"],
      "there is no such directory",
    ],
  ])("%s", async (_, argv, message) => {
    const { code, stdout, stderr } = await runTiny(["batch", ...argv]);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, ""]);
  });

  test("a full disk ends the batch", async () => {
    const input = folder.write(jsonLines(requests));
    const { code, stderr } = await runTiny(["batch", "--input", input, "--output", "/dev/full"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("Cannot write '/dev/full'")]);
  });
});
