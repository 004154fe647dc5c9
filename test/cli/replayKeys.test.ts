/** Keys of a replay: their effect on the playback and on the terminal. */
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { Playback, type PlaybackKey } from "../../src/cli/replay/playback.ts";
import { showCursor } from "../../src/cli/terminal.ts";
import { temporaryFolder } from "./folder.ts";
import { screenOf } from "./screen.ts";
import { runCommand, runTiny, TestIo } from "./testIo.ts";

describe("a playback", () => {
  test("shows each step at its time, and then ends", () => {
    const playback = new Playback([10, 20], 2);
    expect(playback.waitMs).toBe(5);
    playback.elapse(4);
    expect([playback.shownCount, playback.waitMs]).toEqual([0, 1]);
    playback.elapse(1);
    expect([playback.shownCount, playback.waitMs]).toEqual([1, 10]);
    playback.elapse(10);
    expect([playback.shownCount, playback.isEnded]).toEqual([2, false]);
    playback.elapse(playback.waitMs);
    expect([playback.isEnded, playback.wasQuit]).toEqual([true, false]);
  });

  test("pauses, and resumes at the same point", () => {
    const playback = new Playback([10], 1);
    playback.elapse(4);
    playback.press("pause");
    playback.elapse(1000);
    expect([playback.waitMs, playback.shownCount]).toEqual([Infinity, 0]);
    playback.press("pause");
    expect(playback.waitMs).toBe(6);
  });

  test("a change of speed applies to the rest of the wait", () => {
    const playback = new Playback([10], 1);
    playback.elapse(6);
    playback.press("slower");
    expect([playback.speed, playback.waitMs]).toEqual([0.5, 8]);
    for (let i = 0; i < 50; i++) playback.press("faster");
    expect(playback.waitMs).toBeGreaterThan(0);
    for (let i = 0; i < 50; i++) playback.press("slower");
    expect(playback.waitMs).toBeLessThan(1000);
  });

  test("stays within its steps for any keys", () => {
    const key = fc.constantFrom<PlaybackKey>("pause", "back", "forward", "faster", "slower");
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 5 }), fc.array(key), (stepMs, keys) => {
        const playback = new Playback(stepMs, 1);
        let count = 0;
        let isEnded = false;
        for (const pressed of keys) {
          playback.press(pressed);
          if (pressed === "forward" && count === stepMs.length) isEnded = true;
          else if (pressed === "forward") count++;
          if (pressed === "back") count = Math.max(0, count - 1);
          expect([playback.shownCount, playback.isEnded]).toEqual([count, isEnded]);
        }
      }),
    );
  });
});

describe("on a terminal", () => {
  const folder = temporaryFolder();
  const trace = folder.path();
  let answer: string;
  beforeAll(async () => {
    const argv = ["generate", "sort 42 17 90", "--gen-length", "8", "--decoder", "fixed", "--steps", "8"];
    const { code, stdout } = await runTiny([...argv, "--trace", trace]);
    expect(code).toBe(0);
    answer = stdout;
  });

  /** Presses each key as soon as the screen shows the text before it. */
  async function replay(turns: readonly (readonly [shown: RegExp, key: string])[], stepMs = 100_000) {
    const slowed = folder.write(folder.read(trace).replaceAll(/"ms":[\d.]+/g, `"ms":${stepMs}`));
    const raw: boolean[] = [];
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (isRaw: boolean) => raw.push(isRaw),
    });
    const io = new TestIo({ input, tty: true });
    Object.assign(io.stdout, { columns: 120 });
    const left = [...turns];
    io.stdout.onText = (text) => {
      if (!left[0]?.[0].test(screenOf(text))) return;
      const [, key] = left.shift()!;
      setImmediate(() => input.write(key));
    };
    const ran = await runCommand(["replay", slowed, "--no-color"], io);
    expect(left).toEqual([]);
    expect(raw).toEqual([true, false]);
    expect(io.listenerCount).toBe(0);
    return ran;
  }
  const tokens = (count: number) => new RegExp(`0/8 tokens|${count}/8 tokens`);
  const shown = (count: number, rest = "") => new RegExp(`${count} forwards? [\\s\\S]*${rest}`);
  const [left, right] = ["\u001b[D", "\u001b[C"];

  test("arrow keys step forwards and backwards, and q quits with the current frame", async () => {
    const { code, stdout, stderr } = await replay([
      [/speed 1 · space pauses/, right],
      [shown(1, "paused"), right],
      [shown(2), left],
      [shown(1), left],
      [/0 forwards/, right],
      [shown(1), "q"],
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.endsWith(showCursor)).toBe(true);
    const [canvas] = screenOf(stdout).split("\n");
    expect(canvas!.replaceAll("░", "")).toHaveLength(1);
    expect(canvas!.match(/░/g)).toHaveLength(7);
  });

  test("stepping beyond the last step shows the answer", async () => {
    const steps = Array.from({ length: 8 }, (_, i) => [shown(i + 1), right] as const);
    const { code, stdout } = await replay([[tokens(0), right], ...steps]);
    expect([code, screenOf(stdout).trim()]).toEqual([0, answer.trim()]);
  });

  test("space pauses and resumes, + and - change the speed", async () => {
    const { code, stdout } = await replay(
      [
        [/speed 1 ·/, " "],
        [/paused/, " "],
        [/speed 1 ·/, "-"],
        [/speed 0.5 ·/, "+"],
        [/speed 1 ·/, "+"],
        [/speed 2 ·/, "+++++++++"],
      ],
      20_000,
    );
    expect([code, screenOf(stdout).trim()]).toEqual([0, answer.trim()]);
  });

  test("Ctrl-C as a key interrupts", async () => {
    const { code, stderr } = await replay([[/speed 1 ·/, "\u0003"]]);
    expect([code, stderr]).toEqual([130, "unmask: interrupted\n"]);
  });

  test("there are no keys in a pipe, nor without a terminal as standard input", async () => {
    const fast = folder.write(folder.read(trace).replaceAll(/"ms":[\d.]+/g, '"ms":0'));
    for (const options of [
      { tty: false, input: null },
      { tty: true, input: "q" },
    ]) {
      const { stdout } = await runCommand(["replay", fast], options);
      expect(stdout).not.toContain("space pauses");
      expect(stdout.endsWith(answer)).toBe(true);
    }
  });
});
