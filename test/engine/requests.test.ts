/** What the engine refuses, and what it says then. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decoder, Engine, type GenerateRequest } from "../../src/core/index.ts";
import { runToEnd } from "../suites/run.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

let engine: Engine;
beforeAll(async () => {
  const broken = [
    decoder({
      name: "known",
      help: "",
      source: "",
      parameters: {},
      commit: (view, _, out) => out.commit(view.length, 7),
    }),
    decoder({
      name: "masks",
      help: "",
      source: "",
      parameters: {},
      commit: (view, _, out) => out.commit(view.open[0]!, 1),
    }),
    decoder({
      name: "throws",
      help: "",
      source: "",
      parameters: {},
      commit: () => {
        throw new Error("mine");
      },
    }),
    decoder({ name: "idle", help: "", source: "", parameters: {}, commit: () => {} }),
  ];
  engine = await Engine.load(cpuSurroundings.tinyModel, {
    backend: cpuSurroundings.backend,
    decoders: broken,
  });
});
afterAll(() => engine.dispose());

const prompt = "sort 3 1 2";
/** Requests as they come from outside: of any type. */
const refused: readonly (readonly [string, object, string, RegExp])[] = [
  [
    "block length 0",
    { prompt, blockLength: 0 },
    "invalid-request",
    /'blockLength' must be an integer at least 1, or null: found 0/,
  ],
  ["gen length 0", { prompt, genLength: 0 }, "invalid-request", /'genLength'/],
  ["a fraction", { prompt, genLength: 2.5 }, "invalid-request", /'genLength' must be an integer.*2\.5/],
  [
    "NaN threshold",
    { prompt, decoder: { name: "threshold", threshold: Number.NaN } },
    "invalid-request",
    /'threshold' must be a number at least 0: found NaN/,
  ],
  ["unknown option", { prompt, temprature: 1 }, "invalid-request", /no option 'temprature'.*temperature/],
  [
    "unknown decoder option",
    { prompt, decoder: { name: "threshold", tau: 1 } },
    "invalid-request",
    /no option 'tau'/,
  ],
  [
    "unknown decoder",
    { prompt, decoder: { name: "best" } },
    "invalid-request",
    /decoder must be one of .*threshold.*"best"/,
  ],
  [
    "unknown cache",
    { prompt, cache: { name: "all" } },
    "invalid-request",
    /cache must be one of none, prefix, dual.*"all"/,
  ],
  [
    "decoder of a wrong type",
    { prompt, decoder: "threshold" },
    "invalid-request",
    /'decoder' must be an object/,
  ],
  ["negative temperature", { prompt, temperature: -1 }, "invalid-request", /'temperature'/],
  ["topP above 1", { prompt, topP: 1.5 }, "invalid-request", /'topP'/],
  ["seed beyond 32 bits", { prompt, seed: 2 ** 32 }, "invalid-request", /'seed'/],
  ["no prompt", {}, "invalid-request", /exactly one of.*found none/],
  ["two prompts", { prompt, tokens: [5] }, "invalid-request", /found prompt and tokens/],
  ["prompt of a wrong type", { prompt: 5 }, "invalid-request", /'prompt' must be a string/],
  [
    "token outside the vocabulary",
    { tokens: [5, 104] },
    "invalid-request",
    /token 104 at position 1 is outside the vocabulary of 104/,
  ],
  ["token of a wrong type", { tokens: [5, -1] }, "invalid-request", /'tokens' must be a list of token ids/],
  [
    "mask token in the prompt",
    { tokens: [5, 1] },
    "invalid-request",
    /must not contain the mask token 1.*position 1/,
  ],
  ["empty stop string", { prompt, stop: [""] }, "invalid-request", /stop string/],
  ["stop of a wrong type", { prompt, stop: "x" }, "invalid-request", /'stop' must be a list of strings/],
  ["character that the tokenizer drops", { prompt: "café" }, "text", /'é'/],
  [
    "prompt longer than the context",
    { tokens: Array(400).fill(5), genLength: 128 },
    "context-exceeded",
    /context has 512 positions: found 528 \(400/,
  ],
  [
    "smoothing with a decoder that cannot follow it",
    { prompt, smoothing: {}, decoder: { name: "fixed" } },
    "invalid-request",
    /'fixed' has no threshold/,
  ],
  [
    "scores of what is sampled, where the decoder makes its own",
    { prompt, confidenceFrom: "sampling", decoder: { name: "credit" } },
    "invalid-request",
    /Cannot use decoder 'credit' with confidenceFrom 'sampling'/,
  ],
  ["parts of no width", { prompt, subBlockLength: 0 }, "invalid-request", /'subBlockLength'/],
  [
    "parts of holes",
    { infill: [{ length: 4 }], subBlockLength: 2 },
    "invalid-request",
    /'subBlockLength' does not apply to holes/,
  ],
  [
    "smoothing of a wrong type",
    { prompt, smoothing: true },
    "invalid-request",
    /'smoothing' must be an object/,
  ],
  [
    "a mask block of 0",
    { prompt, overrides: { maskBlock: 0 } },
    "invalid-request",
    /'overrides.maskBlock' must be a positive integer/,
  ],
  [
    "a negative mask token",
    { prompt, overrides: { maskToken: -1 } },
    "invalid-request",
    /'overrides.maskToken'/,
  ],
  ["an unknown override", { prompt, overrides: { mask: 1 } }, "invalid-request", /no field 'mask'/],
  [
    "a decoder that commits what is not undecided",
    { prompt, decoder: { name: "known" } },
    "invalid-request",
    /'known' committed offset 32/,
  ],
  [
    "a decoder that commits masks",
    { prompt, decoder: { name: "masks" } },
    "invalid-request",
    /'masks' committed the mask token/,
  ],
  [
    "a decoder that commits nothing",
    { prompt, decoder: { name: "idle" } },
    "invalid-request",
    /'idle' committed nothing/,
  ],
];

describe("a request is refused for", () => {
  test.each(refused)("%s", async (_, request, code, message) => {
    const error = await runToEnd(engine, request as GenerateRequest).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: "DiffusionError", code });
    expect((error as Error).message).toMatch(message);
  });
});

test("a failing decoder fails its own request and no other", async () => {
  const others = [1, 2, 3].map(() =>
    runToEnd(engine, { prompt, genLength: 16, decoder: { name: "fixed", steps: 8 } }),
  );
  await expect(runToEnd(engine, { prompt, decoder: { name: "throws" } })).rejects.toThrow("mine");
  const runs = await Promise.all(others);
  expect(new Set(runs.map(({ done }) => done.text)).size).toBe(1);
});
