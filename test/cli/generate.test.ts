import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { examplePrompt } from "../../src/cli/prompt.ts";
import { hideCursor, showCursor } from "../../src/cli/terminal.ts";
import { tinyFolder } from "../support/tinyModel.ts";
import { screenOf } from "./screen.ts";
import { oracleDirectory, runCommand, runTiny, TestIo } from "./testIo.ts";

describe("generate in a pipe", () => {
  test("prints only the answer", async () => {
    const { code, stdout, stderr } = await runTiny(["generate", "sort 42 17 90"]);
    expect([code, stdout, stderr]).toEqual([0, "17 42 90\n", ""]);
  });

  test("reads its prompt from standard input", async () => {
    for (const argv of [["generate"], ["generate", "-"]]) {
      const { code, stdout } = await runTiny(argv, { input: "sort 42 17 90\n" });
      expect([code, stdout]).toEqual([0, "17 42 90\n"]);
    }
  });

  test("answers an example correctly at a terminal without a prompt", async () => {
    const { code, stdout, stderr } = await runCommand(["generate"], { input: null });
    expect(stderr).toBe(`> ${examplePrompt}\n`);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/\b14\n$/)]);
  });

  test.each<[string, string | PassThrough]>([
    ["an empty pipe", ""],
    ["a pipe of white space", " \n\n"],
    ["a silent pipe", new PassThrough()],
  ])("--example answers the example for %s", async (_, input) => {
    const { code, stdout, stderr } = await runCommand(["generate", "--example"], { input });
    expect(stderr).toBe(`> ${examplePrompt}\n`);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/\b14\n$/)]);
  });

  test("--example has no effect on a given prompt", async () => {
    const { stdout, stderr } = await runTiny(["generate", "--example", "sort 42 17 90"]);
    expect([stdout, stderr]).toEqual(["17 42 90\n", ""]);
  });

  test("waits for a slow pipe with a note, and answers its prompt", async () => {
    const input = new PassThrough();
    const io = new TestIo({ input });
    io.stderr.when("Waiting for the prompt on standard input.\n", () => input.end("sort 42 17 90\n"));
    expect(await runTiny(["generate"], io)).toMatchObject({ code: 0, stdout: "17 42 90\n" });
  });

  test("reports unreadable standard input", async () => {
    const input = new PassThrough();
    setTimeout(() => input.destroy(Object.assign(new Error("EISDIR: read"), { code: "EISDIR" })), 50);
    const { code, stderr } = await runTiny(["generate"], { input });
    expect(stderr).toBe('unmask: Cannot read the prompt as standard input cannot be read: found "EISDIR"\n');
    expect(code).toBe(1);
  });

  test("accepts options of decoder, cache and request", async () => {
    const argv = ["sort", "42 17 90", "--decoder", "fixed", "--steps", "4", "--cache", "dual", "--json"];
    const { code, stdout } = await runTiny([
      "generate",
      ...argv,
      "--block-length",
      "16",
      "--gen-length",
      "32",
    ]);
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; [key: string]: unknown });
    expect(events[0]).toMatchObject({ type: "start", genLength: 32 });
    const steps = events.filter(({ type }) => type === "step");
    expect(steps.slice(0, 4).map(({ positions }) => (positions as number[]).length)).toEqual([4, 4, 4, 4]);
    expect(events.at(-1)).toMatchObject({ type: "done", reason: "stop", text: "17 42 90" });
  });

  test("ends at a stop string", async () => {
    const { stdout } = await runTiny(["generate", "sort 42 17 90", "--stop", " 90", "--stop", "42"]);
    expect(stdout).toBe("17 \n");
  });

  test("prints the time of every op with --profile", async () => {
    const command = ["generate", "sort 42 17 90", "--backend", "cpu", "--profile"];
    const { code, stdout, stderr } = await runTiny(command);
    expect([code, stdout]).toEqual([0, "17 42 90\n"]);
    expect(stderr).toMatch(/^op +dispatches +ms +share$/m);
    expect(stderr).toMatch(/^attention +[1-9]\d* +[\d.]+ +[\d.]+ %$/m);
    expect(stderr).toMatch(/^\d+ passes on CPU, one thread: [1-9][\d.]* dispatches and [\d.]+ ms per pass$/m);
  });

  test("runs the decode loop of the CPU backend, and rejects what a device loop cannot run", async () => {
    const command = ["generate", "sort 42 17 90", "--backend", "cpu", "--decode-loop", "device"];
    expect(await runTiny(command)).toMatchObject({ code: 0, stdout: "17 42 90\n" });
    const rejected = await runTiny([...command, "--cache", "dInferNone"]);
    expect(rejected.stderr).toContain("Cannot decide on the device as the passes of cache 'dInferNone'");
    expect([rejected.code, rejected.stdout]).toEqual([2, ""]);
  });

  test("prints details on standard error with --verbose", async () => {
    const { stdout, stderr } = await runTiny(["generate", "sort 42 17 90", "--verbose"]);
    expect(stdout).toBe("17 42 90\n");
    expect(stderr).toMatch(/^backend wasm: .*\nmodel .*LLaDA-MoE on CPU.*\nmemory: .*\n8 tokens · /);
  });

  test("prints the text block by block", async () => {
    const io = new TestIo();
    const seen: string[] = [];
    io.stdout.onText = (text) => seen.push(text);
    const prompt = "story: leo, blue bird, lake";
    await runTiny(["generate", prompt, "--block-length", "16"], io);
    expect(seen.length).toBeGreaterThan(3);
    expect(io.stdout.text.startsWith(seen[0]!)).toBe(true);
  });

  test("ends quietly on a closed pipe", async () => {
    const io = new TestIo();
    io.stdout.failure = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    expect(await runTiny(["generate", "sort 42 17 90"], io)).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe("generate on a terminal", () => {
  const prompt = "story: leo, blue bird, lake";

  test("shows the canvas, then replaces it with the answer and a summary", async () => {
    const { code, stdout, stderr } = await runTiny(["generate", prompt], { tty: true });
    expect(code).toBe(0);
    expect(stdout.startsWith(hideCursor)).toBe(true);
    const [frames, answer] = stdout.split(showCursor);
    expect(frames).toContain("░".repeat(60));
    expect(frames).toMatch(/block [1-4]\/4 · \d+\/128 tokens/);
    expect(answer).toMatch(/^one day leo [a-z,. ]+\n$/);
    expect(stderr).toContain("tok/forward");
    expect(stderr).not.toContain("░");
  });

  test.each([
    ["NO_COLOR", [], { NO_COLOR: "1" }],
    ["--no-color", ["--no-color"], {}],
  ])("%s disables colours", async (_, options, env) => {
    const sgr = /\[[0-9;]*m/;
    expect((await runTiny(["generate", prompt], { tty: true })).stdout).toMatch(sgr);
    const { stdout, stderr } = await runTiny(["generate", prompt, ...options], { tty: true, env });
    expect(stdout).toContain("░");
    expect(stdout + stderr).not.toMatch(sgr);
  });

  test("Ctrl-C leaves the last frame on a clean terminal", async () => {
    const io = new TestIo({ tty: true });
    io.stdout.when("3 forwards", () => io.interrupt());
    // The slowest backend shows every few forwards.
    const argv = ["generate", prompt, "--threshold", "2", "--no-color", "--backend", "cpu"];
    const { code, stdout, stderr } = await runTiny(argv, io);
    expect(code).toBe(130);
    expect(screenOf(stdout)).toMatch(/^.*[a-z].*░\n[\s\S]*░\nblock 1\/4 · \d+\/128 tokens · \d+ forwards/);
    expect(stdout.lastIndexOf(showCursor)).toBeGreaterThan(stdout.lastIndexOf(hideCursor));
    expect(stdout.endsWith(showCursor)).toBe(true);
    expect(stderr).toMatch(/unmask: interrupted\n$/);
    expect(io.listenerCount).toBe(0);
  });

  test("a second Ctrl-C ends the process at once", async () => {
    const io = new TestIo({ tty: true });
    io.stdout.when("3 forwards", () => {
      io.interrupt();
      io.interrupt();
    });
    await runTiny(["generate", prompt, "--threshold", "2", "--backend", "cpu"], io);
    expect(io.exits).toEqual([130]);
  });

  test("a dumb terminal gets plain text", async () => {
    const { stdout } = await runTiny(["generate", "sort 42 17 90"], { tty: true, env: { TERM: "dumb" } });
    expect(stdout).toBe("17 42 90\n");
  });
});

describe("generate rejects", () => {
  const tiny = ["--model", tinyFolder];
  const bare = ["--model", `${oracleDirectory}models/llada`];
  test.each<[string, readonly string[], string]>([
    ["options of another decoder", ["x", "--steps", "3"], "it has no option 'steps'"],
    [
      "invalid numbers",
      ["x", "--threshold", "abc"],
      `--threshold' as it must be a number at least 0: found "abc"`,
    ],
    ["NaN", ["x", "--temperature", "NaN"], 'found "NaN"'],
    ["unknown options", ["x", "--frobnicate"], "unknown option '--frobnicate'"],
    ["unknown backends", ["x", "--backend", "abacus"], 'found "abacus"'],
    ["a missing model", ["x", "--model", "/nowhere"], "there is no such directory"],
    ["a missing prompt for another than the embedded model", bare, "standard input is empty"],
    ["--force without a trace", ["x", "--force"], "Cannot use '--force' without '--trace'"],
    ["an empty prompt", [" "], "the prompt is empty"],
    ["a dash without standard input", ["-"], "standard input is empty"],
    ["an empty pipe", [], "standard input is empty"],
    ["text that the tokenizer would drop", ["sort é", ...tiny], "drops 'é'"],
    ["a system message for raw text", ["x", "--raw", "--system", "y"], "Cannot use '--system'"],
    ["a prompt for a model without a chat template", ["x", ...bare], "--raw"],
    ["text for a model without a tokenizer", ["x", "--raw", ...bare], "no tokenizer.json"],
    ["more than the context holds", ["x", ...tiny, "--gen-length", "600"], "context has 512 positions"],
    ["a context above the model's", ["x", ...tiny, "--context", "600"], "at most its 512 positions"],
  ])("%s", async (_, argv, message) => {
    const { code, stdout, stderr } = await runCommand(["generate", ...argv]);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^unmask: [^\n]+\n$/);
    expect([code, stdout]).toEqual([2, ""]);
  });
});
