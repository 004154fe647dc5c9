import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import {
  type Choice,
  Engine,
  type EngineInfo,
  type Parameter,
  type Parameters,
  smoothingParameters,
} from "../../src/core/index.ts";
import { tinyModel } from "../../test/support/tinyModel.ts";
import {
  cacheDeclarations,
  decoderDeclarations,
  laneDeclarations,
  requestDeclarations,
} from "../controls/declarations.ts";
import { examples } from "../controls/examples.ts";
import type { Settings } from "../controls/settings.ts";
import { validCaches, whyNoSmoothing } from "../controls/validity.ts";
import { isLink, type Linked, readLink, writeLink } from "./link.ts";

let info: EngineInfo;
beforeAll(async () => {
  const engine = await Engine.load(tinyModel(), { backend: cpu() });
  info = engine.info;
  return () => engine.dispose();
});

function anyValue(parameter: Parameter): fc.Arbitrary<unknown> {
  if (parameter.kind === "boolean") return fc.boolean();
  const off = parameter.nullable ? [fc.constant(null)] : [];
  if (parameter.kind === "choice") return fc.oneof(fc.constantFrom(...parameter.choices), ...off);
  const { integer, minimum, maximum, exclusiveMinimum } = parameter;
  const min = Math.max(minimum, -1e9);
  const max = Math.min(maximum, 1e9);
  const number = integer
    ? fc.integer({ min, max })
    : fc.double({ min, max, minExcluded: exclusiveMinimum, noNaN: true }).map((value) => value + 0);
  return fc.oneof(number, ...off);
}

const anyValues = (parameters: Parameters) =>
  fc.record(Object.fromEntries(Object.entries(parameters).map(([name, each]) => [name, anyValue(each)])), {
    requiredKeys: [],
  }) as fc.Arbitrary<Readonly<Record<string, unknown>>>;

const anyChoice = (names: readonly string[], declarationsOf: (choice: Choice) => Parameters) =>
  fc
    .constantFrom(...names)
    .chain((name) => anyValues(declarationsOf({ name })).map((values): Choice => ({ ...values, name })));

const anySettings = (fields: Parameters): fc.Arbitrary<Settings> =>
  anyChoice(
    info.decoders.map(({ name }) => name),
    (choice) => decoderDeclarations(choice, info),
  ).chain((decoder) =>
    fc.record({
      decoder: fc.constant(decoder),
      cache: anyChoice(
        validCaches(decoder, info).map(({ name }) => name),
        cacheDeclarations,
      ),
      smoothing: whyNoSmoothing(decoder, info)
        ? fc.constant(null)
        : fc.option(anyValues(smoothingParameters)),
      request: anyValues(fields),
    }),
  );

const anyHole = fc.oneof(
  fc.record({ length: fc.integer({ min: 1, max: 99 }) }),
  fc
    .tuple(fc.nat(9), fc.integer({ min: 1, max: 9 }))
    .map(([minimum, more]) => ({ minimum, maximum: minimum + more })),
);
/** Texts and holes take turns. */
const anyInfill = fc
  .tuple(anyHole, fc.array(fc.tuple(fc.string({ minLength: 1, unit: "binary" }), anyHole)))
  .map(([first, others]) => [first, ...others.flat()]);

test("a link that is read back gives the same prompt, infilling, model and settings", () => {
  const anyLinked: fc.Arbitrary<Linked> = fc.record({
    prompt: fc.string({ unit: "binary" }),
    infill: fc.option(anyInfill, { nil: undefined }),
    settings: anySettings(requestDeclarations(info)),
    second: fc.option(anySettings(laneDeclarations(info)), { nil: undefined }),
    model: fc.constantFrom(
      undefined,
      "owner/na-me.1",
      "owner/name@v1.0",
      "https://example.org/model/",
      "/tiny/",
    ),
  });
  fc.assert(
    fc.property(anyLinked, (linked) => {
      expect(readLink(writeLink(linked), info)).toEqual({ ...linked, problems: [] });
    }),
    { numRuns: 500 },
  );
});

test("the examples have short links, and their pinned text goes with them", () => {
  for (const { prompt, infill, genLength, blockLength } of examples) {
    const request = { genLength, blockLength };
    const settings = { decoder: { name: "hierarchical" }, cache: { name: "none" }, smoothing: null, request };
    const link = writeLink({ prompt, infill, settings });
    expect(link.length).toBeLessThan(infill ? 300 : 170);
    expect(readLink(link, info)).toMatchObject({ prompt, infill, settings, problems: [] });
  }
});

test("what is not understood or refused is named, and the rest is kept", () => {
  const link =
    "v=1&prompt=hi&colour=red&decoder=threshold&decoder.threshold=fast&decoder.steps=3&cache=magic" +
    "&genLength=100000&seed=7&infill=a&model=javascript:alert(1)&smoothing=on&smoothing.weight=0.2";
  const { problems, ...rest } = readLink(link, info);
  expect(rest).toEqual({
    prompt: "hi",
    infill: undefined,
    model: undefined,
    second: undefined,
    settings: { decoder: { name: "threshold" }, smoothing: { weight: 0.2 }, request: { seed: 7 } },
  });
  expect(problems.map((problem) => /‘(.+?)’/.exec(problem)![1])).toEqual([
    "infill",
    "model",
    "decoder.threshold",
    "cache",
    "genLength",
    "colour",
    "decoder.steps",
  ]);
  expect(problems[4]).toBe('‘genLength’ must be an integer at least 1 and at most 512: found "100000"');
});

test("what does not go together is refused as the page's own fields refuse it", () => {
  const { settings, problems } = readLink("v=1&decoder=edit&cache=dual&smoothing=on", info);
  expect(settings).toEqual({ decoder: { name: "edit" }, smoothing: null, request: {} });
  expect(problems).toEqual([
    expect.stringMatching(/^‘cache’ must be one of none.*: found "dual"$/),
    "‘smoothing’: Smoothing needs a decoder with a threshold, and edit has none.",
  ]);
});

test("a link of another version gives nothing but a problem", () => {
  expect(readLink("v=2&prompt=hi", info)).toEqual({
    settings: {},
    problems: ['The version of the link must be 1: found "2"'],
  });
  expect([isLink("v=2&prompt=hi"), isLink("settings"), isLink("")]).toEqual([true, false, false]);
});

test("any fragment is read without an exception", () => {
  const anyField = fc.constantFrom(
    "prompt",
    "infill",
    "model",
    "decoder",
    "cache",
    "decoder.threshold",
    "seed",
    "x",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(anyField, fc.string())), (fields) => {
      const link = new URLSearchParams(fields.map(([name, value]) => [name, value]));
      const { settings } = readLink(`v=1&${link}`, info);
      expect(settings.smoothing).toBeNull();
    }),
  );
});
