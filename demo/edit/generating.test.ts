/** Edited answers, generated again by the engine. */
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type GenerateRequest } from "../../src/core/index.ts";
import { tinyModel } from "../../test/support/tinyModel.ts";
import { againRequest } from "../controls/promptState.ts";
import { change, settings } from "../controls/settings.ts";
import { validCaches } from "../controls/validity.ts";
import { Recording } from "../run/index.ts";
import { type Draft, draftOf, insertMasks, maskCells, pinTokens } from "./draft.ts";
import { infillOf, tokenOf } from "./infillOf.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(tinyModel(), { backend: cpu() });
  change(
    { decoder: { name: "hierarchical" }, cache: { name: "none" }, smoothing: null, request: {} },
    engine.info,
  );
  return () => engine.dispose();
});

async function record(request: GenerateRequest): Promise<Recording> {
  const recording = new Recording({ stopTokens: engine.info.stopTokens });
  for await (const event of engine.generate(request)) recording.add(event);
  return recording;
}

const first: GenerateRequest = {
  messages: [{ role: "user", content: "reverse river stone cloud" }],
  genLength: 32,
};

/** The draft of a recording's last frame. */
function lastDraft(recording: Recording): Draft {
  return draftOf(recording.frame(recording.frameCount - 1), engine.info.maskToken);
}

function generateAgain(draft: Draft): Promise<Recording> {
  return record(againRequest(first, infillOf(draft, engine.info.stopTokens)));
}

async function named(text: string) {
  const tokens = await engine.tokenize(text);
  const texts = await engine.tokenTexts(tokens);
  return tokens.map((token, index) => ({ token, text: texts[index]! }));
}

/** The positions of a text in the answer of one character a token. */
function positionsOf(recording: Recording, text: string): ReadonlySet<number> {
  const start = recording.promptEnd + recording.done!.text!.indexOf(text);
  return new Set(Array.from(text, (_, index) => start + index));
}

test("a masked word is found again, and a typed one is kept while the others follow it", async () => {
  const recording = await record(first);
  expect(recording.done?.text).toBe("cloud stone river");
  const masked = maskCells(lastDraft(recording), positionsOf(recording, "stone")).draft;
  expect((await generateAgain(masked)).done?.text).toBe("cloud stone river");
  const end = maskCells(lastDraft(recording), positionsOf(recording, "stone river")).draft;
  expect((await generateAgain(end)).done?.text).toBe("cloud stone river");
  const typed = pinTokens(lastDraft(recording), positionsOf(recording, "cloud"), await named("piano")).draft;
  const both = maskCells(typed, positionsOf(recording, "stone")).draft;
  expect((await generateAgain(both)).done?.text).toMatch(/^piano .{5} river$/);
});

test("each cache that the page offers, and smoothing, fill holes", async () => {
  const recording = await record(first);
  const masked = maskCells(lastDraft(recording), positionsOf(recording, "stone")).draft;
  const texts = async () => (await generateAgain(masked)).done?.text;
  for (const { name } of validCaches(settings.value.decoder, engine.info)) {
    change({ cache: { name } }, engine.info);
    expect([name, await texts()]).toEqual([name, "cloud stone river"]);
  }
  change({ decoder: { name: "threshold" }, cache: { name: "none" }, smoothing: {} }, engine.info);
  expect(await texts()).toBe("cloud stone river");
  change({ smoothing: null }, engine.info);
});

test("whatever is edited, a run keeps each pinned token at its place, and fills each mask", async () => {
  const draft = lastDraft(await record(first));
  const anySelection = fc
    .uniqueArray(fc.integer({ min: 0, max: 31 }), { minLength: 1, maxLength: 12 })
    .map((all) => new Set(all.map((index) => draft.prompt.length + index)));
  const anyText = fc.string({ unit: fc.constantFrom(..."abc ,.:{}"), minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(anySelection, anySelection, anySelection, anyText, async (a, b, c, text) => {
      const typed = pinTokens(draft, a, await named(text)).draft;
      const edited = insertMasks(maskCells(typed, b).draft, c).draft;
      const { done, start } = await generateAgain(edited);
      const expected = edited.cells.map(tokenOf);
      expect(start!.canvas.slice(start!.promptTokens)).toEqual(
        expected.map((token) => token ?? engine.info.maskToken),
      );
      for (const [index, token] of done!.canvas.slice(start!.promptTokens).entries()) {
        if (expected[index] === undefined) expect(token).not.toBe(engine.info.maskToken);
        else expect(token).toBe(expected[index]);
      }
    }),
    { numRuns: 12 },
  );
});
