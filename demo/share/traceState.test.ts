/** The page and the command line write and read the same traces. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type GenerateRequest, traceHeader } from "../../src/core/index.ts";
import { runCommand, runTiny } from "../../test/cli/testIo.ts";
import { tinyModel } from "../../test/support/tinyModel.ts";
import type { Run } from "../engine/runState.ts";
import { Recording } from "../run/index.ts";
import { openTrace, traceOf } from "./traceState.ts";

let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await Engine.load(tinyModel(), { backend: cpu() });
  folder = await mkdtemp(join(tmpdir(), "unmask-share-"));
  return async () => {
    await engine.dispose();
    await rm(folder, { recursive: true });
  };
});

const infill = ["cloud ", { length: 5 }, " river"];
const request: GenerateRequest = {
  messages: [{ role: "user", content: "reverse river stone cloud" }],
  infill,
  guesses: true,
};

/** As the page records it. */
async function record(): Promise<Pick<Run, "header" | "recording">> {
  const recording = new Recording({ stopTokens: engine.info.stopTokens });
  for await (const event of engine.generate(request)) {
    recording.add(event);
    const unnamed = recording.unnamedTokens;
    recording.nameTokens(unnamed, await engine.tokenTexts(unnamed));
  }
  return { header: traceHeader(engine, request), recording };
}

function cellsOf(recording: Recording) {
  return Array.from({ length: recording.frameCount }, (_, index) => recording.frame(index));
}

test("a saved run that is opened again has the same frames, without an engine", async () => {
  const run = await record();
  const file = await traceOf(run);
  expect(file.name).toBe("unmask-reverse-river-stone-cloud.jsonl");
  const opened = await openTrace(file);
  expect(opened).toMatchObject({ header: run.header, status: "done", file: file.name });
  expect(cellsOf(opened.recording)).toEqual(cellsOf(run.recording));
  expect(opened.recording.unnamedTokens).toEqual([]);
  expect(await (await traceOf(opened)).text()).toBe(await file.text());
});

test("the command line replays a run that the page saved", async () => {
  const path = join(folder, "page.jsonl");
  await writeFile(path, await (await traceOf(await record())).text());
  const { code, stdout } = await runCommand(["replay", path, "--no-wait"]);
  expect([code, stdout.trimEnd().split("\n").at(-1)]).toEqual([0, "cloud stone river"]);
});

test("the page opens a trace of the command line, with all texts", async () => {
  const path = join(folder, "cli.jsonl");
  const argv = ["infill", "cloud {5} river", "--prompt", "reverse river stone cloud", "--guesses"];
  expect((await runTiny([...argv, "--trace", path])).code).toBe(0);
  const { recording } = await openTrace(new File([await readFile(path)], "cli.jsonl"));
  expect(recording.unnamedTokens).toEqual([]);
  const last = recording.frame(recording.frameCount - 1).cells;
  const shown = last.filter(({ isPrompt, isControl }) => !isPrompt && !isControl);
  expect(shown.map(({ text }) => text).join("")).toBe("cloud stone river");
  expect(recording.frame(0).cells.filter(({ state }) => state === "given").length).toBeGreaterThan(0);
});

test("a run that has not ended is saved as far as it has come", async () => {
  const { header, recording } = await record();
  const early = new Recording({ stopTokens: engine.info.stopTokens });
  for (const event of recording.events.slice(0, 3)) early.add(event);
  expect((await openTrace(await traceOf({ header, recording: early }))).status).toBe("cancelled");
});

test("files that are no traces are refused by name", async () => {
  const open = (...parts: BlobPart[]) => openTrace(new File(parts, "it.jsonl"));
  await expect(open("hello")).rejects.toThrow("Cannot read 'it.jsonl' as line 1 is not JSON");
  await expect(open("")).rejects.toThrow("its first line is not the header of a trace");
  await expect(open(Uint8Array.of(0xff))).rejects.toThrow("it is not valid UTF-8");
});
