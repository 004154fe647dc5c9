/** Output of the command line after a device loss during an answer. */
import { expect, test } from "vitest";
import { answerView } from "../../src/cli/answerView.ts";
import { LiveView } from "../../src/cli/liveView.ts";
import { progressText } from "../../src/cli/progressText.ts";
import { Engine, readTrace } from "../../src/core/index.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { temporaryFolder } from "./folder.ts";
import { runCommand, runTiny, TestIo } from "./testIo.ts";

const folder = temporaryFolder();
const recovered = { type: "recovered", attempt: 1, ms: 1234 } as const;
const text = "device lost, recovered after 1.2 s";

test("the progress line mentions the recovery", async () => {
  const progress = { block: 0, blocks: 2, committed: 5, total: 10, forwards: 1, elapsedMs: 100, recovered };
  expect(progressText(progress).endsWith(` · ${text}`)).toBe(true);
  const io = new TestIo({ tty: true });
  Object.assign(io.stdout, { columns: 160 });
  const view = new LiveView(io, { color: false, tokens: { text: () => "x", isControl: () => false } });
  const start = {
    type: "start",
    promptTokens: 1,
    genLength: 2,
    canvas: [5, 1, 1],
    undecided: [1, 2],
    maskToken: 1,
  } as const;
  await view.show({ ...start, queuedMs: 0 });
  await view.show(recovered);
  await expect.poll(() => io.stdout.text).toContain(text);
  view.close();
});

test("in a pipe, the recovery is reported on standard error, only with --verbose", async () => {
  const engine = await Engine.load(cpuSurroundings.tinyModel, { backend: cpuSurroundings.backend });
  for (const verbose of [true, false]) {
    const io = new TestIo();
    await (await answerView(io, engine, { verbose })).show(recovered);
    expect([io.stdout.text, io.stderr.text]).toEqual(["", verbose ? `${text}\n` : ""]);
  }
  await engine.dispose();
});

test("a trace keeps the recovery, and a replay skips it", async () => {
  const trace = folder.path();
  expect((await runTiny(["generate", "sort 3 1 2", "--trace", trace])).code).toBe(0);
  const [header, start, ...rest] = folder.read(trace).split("\n");
  const disturbed = folder.write([header, start, JSON.stringify(recovered), ...rest].join("\n"));
  expect(readTrace(folder.read(disturbed), disturbed).events[1]).toEqual(recovered);
  for (const tty of [true, false]) {
    const replayed = await runCommand(["replay", disturbed, "--no-wait", "--no-color"], { tty });
    expect(replayed).toMatchObject({ code: 0, stdout: expect.stringContaining("1 2 3") });
    expect(replayed.stdout).not.toContain(text);
  }
  const damaged = folder.write([header, start, '{"type":"recovered","ms":1}', ""].join("\n"));
  expect((await runCommand(["replay", damaged])).stderr).toContain("line 3 has no valid 'attempt'");
  expect((await runCommand(["compare", trace, disturbed])).code).toBe(0);
});
