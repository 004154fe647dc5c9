import { existsSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { hideCursor, showCursor } from "../../src/cli/terminal.ts";
import { readTrace } from "../../src/core/index.ts";
import { temporaryFolder } from "./folder.ts";
import { oracleDirectory, runCommand, runTiny, TestIo } from "./testIo.ts";

const folder = temporaryFolder();
const prompt = "story: leo, blue bird, lake";
const story = folder.path("story.jsonl");
let answer: string;
beforeAll(async () => {
  answer = (await runTiny(["generate", prompt, "--threshold", "0.8", "--trace", story])).stdout;
});

function eventsOf<T>(text: string): readonly T[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

describe("generate --trace", () => {
  test("saves the request and all events, in the format of --json", async () => {
    const trace = folder.path();
    const { code, stdout } = await runTiny(["generate", "sort 3 1 2", "--json", "--trace", trace]);
    expect(code).toBe(0);
    const { header, events } = readTrace(folder.read(trace), trace);
    expect(events).toEqual(eventsOf(stdout));
    expect(events.at(-1)).toMatchObject({ type: "done", text: "1 2 3" });
    expect(header.request.messages).toEqual([{ role: "user", content: "sort 3 1 2" }]);
    expect(readTrace(folder.read(story), story).header.request.decoder).toEqual({
      name: "threshold",
      threshold: 0.8,
    });
  });

  test("with --top-logprobs, its steps have the log-probabilities of their commits", async () => {
    const trace = folder.path();
    const argv = ["generate", "sort 3 1 2", "--json", "--top-logprobs", "2", "--trace", trace];
    const { code, stdout } = await runTiny(argv);
    expect(code).toBe(0);
    const { header, events } = readTrace(folder.read(trace), trace);
    expect(events).toEqual(eventsOf(stdout));
    expect(header.request.topLogprobs).toBe(2);
    const steps = events.filter((event) => event.type === "step");
    expect(steps.length).toBeGreaterThan(0);
    for (const { positions, tokens, logprobs, edits } of steps) {
      expect(logprobs!.map(({ top }) => top.map(({ token }) => token)[0])).toEqual(tokens);
      expect([logprobs!.length, edits.logprobs]).toEqual([positions.length, []]);
    }
  });

  test("overwrites a file only with --force, and reports an existing file before it computes anything", async () => {
    const trace = folder.write("mine");
    const refused = await runTiny(["generate", "sort 3 1 2", "--trace", trace]);
    expect(refused).toEqual({
      code: 2,
      stdout: "",
      stderr: `unmask: Cannot write '${trace}' as the file exists: --force overwrites it\n`,
    });
    expect(folder.read(trace)).toBe("mine");
    expect((await runTiny(["generate", "sort 3 1 2", "--trace", trace, "--force"])).code).toBe(0);
    expect(readTrace(folder.read(trace), trace).events.at(-1)!.type).toBe("done");
  });

  test("a rejected request creates no file, and keeps an existing one", async () => {
    const trace = folder.path();
    const argv = ["generate", "x", "--gen-length", "600", "--trace"];
    expect((await runTiny([...argv, trace])).code).toBe(2);
    expect(existsSync(trace)).toBe(false);
    const mine = folder.write("mine");
    expect((await runTiny([...argv, mine, "--force"])).code).toBe(2);
    expect(folder.read(mine)).toBe("mine");
  });

  test("is written during the generation, and has complete lines after Ctrl-C", async () => {
    const trace = folder.path();
    const io = new TestIo();
    let early = "";
    io.stdout.when('"step":3', () => {
      early = folder.read(trace);
      io.interrupt();
    });
    const argv = ["generate", prompt, "--threshold", "2", "--json", "--trace", trace];
    expect((await runTiny(argv, io)).code).toBe(130);
    expect(readTrace(early, trace).events.filter(({ type }) => type === "step")).toHaveLength(4);
    const { events } = readTrace(folder.read(trace), trace);
    expect(events).toEqual(eventsOf(io.stdout.text));
    expect(events.at(-1)!.type).not.toBe("done");
  });

  test("reports a trace file that cannot be written", async () => {
    const { code, stderr } = await runTiny(["generate", "sort 3 1 2", "--trace", folder.path("no/where")]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("there is no such directory")]);
    const full = await runTiny(["generate", "sort 3 1 2", "--force", "--trace", "/dev/full"]);
    expect(full.stderr).toContain("Cannot write '/dev/full' as the file system refuses: found \"ENOSPC\"");
    expect(full.code).toBe(1);
  });
});

describe("replay in a pipe", () => {
  test("prints the commits of each step as a line, then the text", async () => {
    const { code, stdout, stderr } = await runCommand(["replay", story, "--no-wait"]);
    expect([code, stderr]).toEqual([0, ""]);
    const { events } = readTrace(folder.read(story), story);
    const steps = events.filter((event) => event.type === "step");
    const lines = stdout.slice(0, -answer.length).split("\n").slice(0, -1);
    expect(stdout.endsWith(`\n${answer}`)).toBe(true);
    expect(lines).toHaveLength(steps.length);
    lines.forEach((line, index) => {
      const { step, window, block, positions, texts, confidences } = steps[index]!;
      const commits = positions.map(
        (position, i) => `${position} ${JSON.stringify(texts![i])} ${confidences[i]!.toFixed(2)}`,
      );
      expect(line).toBe(
        `step ${step}  window ${window.start}-${window.end}  block ${block.start}-${block.end}  commits ${commits.join("  ")}`,
      );
    });
  });

  test("prints refreshes, prefills and edits, and token ids without texts", async () => {
    const [header, start] = folder.read(story).split("\n");
    const range = { start: 4, end: 8 };
    const none = { positions: [], tokens: [], confidences: [] };
    const step = { type: "step", step: 2, window: range, block: range, openCount: 3, ms: 1 };
    const steps = [
      { ...step, ...none, edits: none, prefill: true, refresh: true },
      {
        ...step,
        refresh: true,
        prefill: false,
        positions: [5],
        tokens: [70],
        confidences: [0.5],
        edits: { positions: [4], tokens: [9], confidences: [0.25] },
        revoked: [6, 7],
      },
    ];
    const trace = folder.write([header, start, ...steps.map((each) => JSON.stringify(each)), ""].join("\n"));
    const { code, stdout, stderr } = await runCommand(["replay", trace, "--no-wait"]);
    expect([code, stdout]).toEqual([
      0,
      "prefill  window 4-8 (refresh)\n" +
        "step 2  window 4-8 (refresh)  block 4-8  commits 5 #70 0.50  overwrites 4 #9 0.25  revokes 6  7\n",
    ]);
    expect(stderr).toBe("The trace ends before the end of the generation.\n");
  });

  test("takes the time of the generation divided by the speed", async () => {
    const slowed = folder.write(folder.read(story).replaceAll(/"ms":[\d.]+/g, '"ms":100'));
    const steps = folder.read(slowed).split('"type":"step"').length - 1;
    const took = async (...options: string[]) => {
      const started = performance.now();
      expect((await runCommand(["replay", slowed, ...options])).code).toBe(0);
      return performance.now() - started;
    };
    // Timers can fire a millisecond early.
    expect(await took("--speed", "2")).toBeGreaterThanOrEqual(steps * 49);
    expect(await took("--speed", "10")).toBeLessThan(steps * 90);
    expect(await took("--no-wait")).toBeLessThan(steps * 49);
  });
});

describe("replay on a terminal", () => {
  test("shows the canvas and the answer like generate, without a model", async () => {
    const trace = folder.path();
    const options = ["--decoder", "fixed", "--steps", "4", "--gen-length", "32", "--trace", trace];
    const generated = await runTiny(["generate", "sort 42 17 90", ...options]);
    const slowed = folder.write(folder.read(trace).replaceAll(/"ms":[\d.]+/g, '"ms":60'));
    const { code, stdout, stderr } = await runCommand(["replay", slowed, "--no-color"], { tty: true });
    expect(code).toBe(0);
    const [frames, text] = stdout.split(showCursor);
    expect(frames!.startsWith(hideCursor)).toBe(true);
    expect(frames).toContain("░".repeat(32));
    expect(frames).toMatch(/░·+░/);
    // The stop token is shown as a dot, not by its name.
    expect(frames).not.toContain("<|eos|>");
    expect(text).toBe(generated.stdout);
    expect(stderr).toContain("tok/forward");
  });

  test("shows the rates of the generation at any speed", async () => {
    const slowed = folder.write(folder.read(story).replaceAll(/"ms":[\d.]+/g, '"ms":2000'));
    const io = new TestIo({ tty: true });
    Object.assign(io.stdout, { columns: 100 });
    await runCommand(["replay", slowed, "--speed", "20", "--no-color"], io);
    // The first block of 32 tokens took a step of two seconds.
    expect(io.stdout.text).toContain("32/128 tokens · 1 forward · 32.0 tok/forward · 16.0 tok/s");
  });

  test("Ctrl-C ends the wait and leaves a clean terminal", async () => {
    const slowed = folder.write(folder.read(story).replaceAll(/"ms":[\d.]+/g, '"ms":100000'));
    const io = new TestIo({ tty: true });
    io.stdout.when("░", () => io.interrupt());
    const { code, stdout, stderr } = await runCommand(["replay", slowed], io);
    expect([code, stderr]).toEqual([130, "unmask: interrupted\n"]);
    expect(stdout.endsWith(showCursor)).toBe(true);
    expect(io.listenerCount).toBe(0);
  });

  test("the pinned text of an infilling is visible from the start", async () => {
    const trace = folder.path();
    const argv = ["infill", "cloud {5} river", "--prompt", "reverse river stone cloud", "--trace", trace];
    expect((await runTiny(argv)).code).toBe(0);
    const { stdout } = await runCommand(["replay", trace, "--no-color"], { tty: true });
    expect(stdout).toContain("cloud ░░░░░ river");
    expect(stdout.endsWith("cloud stone river\n")).toBe(true);
  });
});

describe("replay rejects", () => {
  test.each<[string, () => readonly string[], string]>([
    ["a missing file", () => ["/nowhere.jsonl"], "Cannot read '/nowhere.jsonl' as there is no such file"],
    ["a file that is not a trace", () => [`${oracleDirectory}tasks.json`], "Cannot read"],
    ["an empty file", () => [folder.write("")], "its first line is not the header of a trace"],
    ["an incomplete line", () => [folder.write(folder.read(story).slice(0, -9))], "is not JSON"],
    ["a binary file", () => [folder.write(Uint8Array.of(0xff, 0xfe))], "it is not valid UTF-8"],
    ["a speed of 0", () => [story, "--speed", "0"], "'speed' must be a number above 0: found 0"],
    ["a speed with --no-wait", () => [story, "--speed", "2", "--no-wait"], "Cannot use '--speed'"],
    [
      "an invalid speed",
      () => [story, "--speed", "fast"],
      `'--speed' as it must be a number above 0: found "fast"`,
    ],
    ["two files", () => [story, story], "too many arguments"],
  ])("%s", async (_, argv, message) => {
    const { code, stdout, stderr } = await runCommand(["replay", ...argv()]);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, ""]);
  });
});
