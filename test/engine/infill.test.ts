/** Infilling, drafts and guidance. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Engine, type GenerateEvent, type GenerateRequest } from "../../src/core/index.ts";
import { runToEnd } from "../suites/run.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(cpuSurroundings.tinyModel, { backend: cpuSurroundings.backend });
});
afterAll(() => engine.dispose());

const chat = (content: string) => [{ role: "user", content }];

describe("infilling", () => {
  test("fills a hole in the middle of an answer", async () => {
    const { done } = await runToEnd(engine, {
      messages: chat("reverse river stone cloud"),
      infill: ["cloud ", { length: 5 }, " river", [0]],
    });
    expect(done.text).toBe("cloud stone river");
    expect(done.holes).toMatchObject([{ text: "stone" }]);
  });

  test("a hole with a range ends at its first stop token", async () => {
    const { done } = await runToEnd(engine, {
      messages: chat("reverse river stone cloud"),
      infill: ["cloud ", { maximum: 40 }],
    });
    expect(done.text).toBe("cloud stone river");
  });

  test("returns pinned text to the character, fills every hole, and keeps its least length", async () => {
    const hole = fc.oneof(
      fc.record({ length: fc.integer({ min: 1, max: 6 }) }),
      fc.integer({ min: 0, max: 3 }).chain((minimum) =>
        fc.record({
          minimum: fc.constant(minimum),
          maximum: fc.integer({ min: Math.max(1, minimum), max: 8 }),
        }),
      ),
    );
    const text = fc.string({ unit: fc.constantFrom(..."abc 123,.:{}<|mask|>"), maxLength: 12 });
    const decoder = fc.constantFrom(
      { name: "threshold" },
      { name: "fixed", steps: 3 },
      { name: "hierarchical", threshold: 0.9, low: 0.5 },
      { name: "credit" },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(text, hole), { minLength: 1, maxLength: 6 }),
        hole,
        decoder,
        async (some, last, chosen) => {
          const infill = [...some, last];
          const { done } = await runToEnd(engine, { prompt: "x", infill, decoder: chosen });
          const holes = infill.flatMap((segment) => (typeof segment === "string" ? [] : [segment]));
          expect(done.holes).toHaveLength(holes.length);
          let rest = done.text!;
          let next = 0;
          for (const segment of infill) {
            const expected = typeof segment === "string" ? segment : done.holes![next++]!.text!;
            expect(rest.startsWith(expected)).toBe(true);
            rest = rest.slice(expected.length);
          }
          expect(rest).toBe("");
          for (const [index, each] of holes.entries()) {
            const found = done.holes![index]!.tokens.length;
            const [minimum, maximum] =
              "length" in each ? [each.length, each.length] : [each.minimum, each.maximum];
            expect(found).toBeGreaterThanOrEqual(minimum);
            expect(found).toBeLessThanOrEqual(maximum);
          }
          expect(done.canvas).not.toContain(1);
        },
      ),
      { numRuns: 60, seed: 11 },
    );
  });

  const refused: readonly (readonly [string, object, RegExp])[] = [
    ["no hole", { prompt: "x", infill: ["abc"] }, /at least one hole/],
    [
      "an empty hole",
      { prompt: "x", infill: [{ length: 0 }] },
      /infill\[0\].*'length' must be an integer at least 1: found 0/,
    ],
    ["a minimum above the maximum", { infill: ["a", { minimum: 3, maximum: 2 }] }, /infill\[1\].*found 3/],
    ["something else", { infill: [{ size: 3 }] }, /infill\[0\] must be text, token ids/],
    ["an unknown option of a hole", { infill: [{ length: 3, tokens: 2 }] }, /no option 'tokens'/],
    [
      "a block-causal model",
      { prompt: "x", infill: [{ length: 3 }], blockLength: 8, overrides: { maskBlock: 8 } },
      /block-causal/,
    ],
    ["a generation length", { infill: [{ length: 3 }], genLength: 8 }, /'genLength'/],
    ["the mask token", { infill: [[1], { length: 3 }] }, /mask token/],
    ["a hole beyond the context", { infill: [{ length: 600 }] }, /context has 512 positions: found 600/],
  ];
  test.each(refused)("refuses %s", async (_, request, message) => {
    await expect(runToEnd(engine, request as GenerateRequest)).rejects.toThrow(message);
  });
});

describe("a draft", () => {
  const messages = chat("reverse river stone cloud");

  test("keeps what the model is sure of and writes the rest again", async () => {
    const { done, steps } = await runToEnd(engine, {
      messages,
      draft: { text: "cloud stXne river", remaskFraction: 0.2 },
      genLength: 64,
    });
    expect(done.text).toBe("cloud stone river");
    expect(done.usage.forwards).toBe(steps.length + 2);
    const touched = steps
      .flatMap(({ positions }) => positions)
      .filter((position) => position < done.canvas.length - 40);
    expect(touched.length).toBeLessThan(17);
  });

  describe("where others have all of the pool", () => {
    const request = {
      tokens: [5, 9, 33],
      genLength: 16,
      blockLength: 16,
      decoder: { name: "fixed", steps: 16 },
      cache: { name: "none" },
    };
    const draft = { tokens: Array(16).fill(70), remaskFraction: 0.5 };
    /** Two others have their places, and no third one would have room, when `use` is called. */
    const full = async (use: (crowded: Engine) => Promise<void>) => {
      const { tinyModel, backend } = cpuSurroundings;
      const crowded = await Engine.load(tinyModel, { backend, context: 32, cachePositions: 40 });
      try {
        const others = [crowded.generate(request), crowded.generate(request)];
        for (const other of others) expect((await other.next()).value).toMatchObject({ type: "start" });
        await use(crowded);
        for (const other of others) {
          let last: GenerateEvent | undefined;
          for await (const event of other) last = event;
          expect(last).toMatchObject({ type: "done" });
        }
        expect(await crowded.status()).toMatchObject({ waiting: 0, active: 0, usedPositions: 0 });
      } finally {
        await crowded.dispose();
      }
    };

    /** What the engine has to do once somebody waits: a request is read before it is queued. */
    const statusOfQueue = async (crowded: Engine) => {
      let status = await crowded.status();
      for (let looks = 0; looks < 100 && status.waiting === 0; looks++) status = await crowded.status();
      return status;
    };

    test("waits for a place as any request does", async () => {
      const expected = await runToEnd(engine, { ...request, draft });
      await full(async (crowded) => {
        const drafted = runToEnd(crowded, { ...request, draft });
        expect(await statusOfQueue(crowded)).toMatchObject({ waiting: 1, active: 2 });
        expect((await drafted).done.canvas).toEqual(expected.done.canvas);
      });
    });
    test("is left by a caller that aborts, and takes no place then", async () => {
      await full(async (crowded) => {
        const stop = new AbortController();
        const drafted = crowded.generate({ ...request, draft }, { signal: stop.signal }).next();
        expect(await statusOfQueue(crowded)).toMatchObject({ waiting: 1, active: 2 });
        stop.abort("changed my mind");
        await expect(drafted).rejects.toMatchObject({ code: "aborted", cause: "changed my mind" });
      });
    });
  });

  test("of which everything is masked again is no draft", async () => {
    const plain = await runToEnd(engine, { messages, genLength: 32 });
    const drafted = await runToEnd(engine, {
      messages,
      genLength: 32,
      draft: { tokens: Array(32).fill(70), remaskFraction: 1 },
    });
    expect(drafted.done.canvas).toEqual(plain.done.canvas);
  });

  test.each([
    ["a share of 0", { tokens: [70], remaskFraction: 0 }, /'remaskFraction' must be a number above 0/],
    ["no tokens", { tokens: [], remaskFraction: 1 }, /1 to 128 tokens: found 0/],
    ["both", { tokens: [70], text: "a", remaskFraction: 1 }, /either 'text' or 'tokens'/],
    ["the mask token", { tokens: [1], remaskFraction: 1 }, /mask token/],
  ])("refuses %s", async (_, draft, message) => {
    await expect(runToEnd(engine, { messages, draft })).rejects.toThrow(message);
  });
});

describe("guidance", () => {
  test("of 0 changes nothing, and above 0 takes two slots and gives other confidences", async () => {
    const request = { messages: chat("sort 42 17 90"), genLength: 32, decoder: { name: "fixed", steps: 4 } };
    const plain = await runToEnd(engine, request);
    const off = await runToEnd(engine, { ...request, cfgScale: 0 });
    const guided = await runToEnd(engine, { ...request, cfgScale: 1 });
    expect(off.steps.map((step) => step.confidences)).toEqual(plain.steps.map((step) => step.confidences));
    expect(guided.steps.map((step) => step.confidences)).not.toEqual(
      plain.steps.map((step) => step.confidences),
    );
    expect(guided.done.text).toBe("17 42 90");
  });

  test("combines what the sequence says with and without its prompt", async () => {
    const prompt = [70, 71, 72, 5];
    const canvas = [...prompt, 1, 1, 1];
    const bare = [1, 1, 1, 1, 1, 1, 1];
    const [withPrompt, without] = [await engine.logits(canvas), await engine.logits(bare)];
    const { steps } = await runToEnd(engine, {
      tokens: prompt,
      genLength: 3,
      blockLength: 3,
      cfgScale: 1.5,
      decoder: { name: "fixed", steps: 1 },
    });
    const [step] = steps;
    for (const [index, position] of step!.positions.entries()) {
      const combined = Array.from(withPrompt[position]!, (c, v) =>
        v === 1 ? -Infinity : without[position]![v]! + 2.5 * (c - without[position]![v]!),
      );
      const best = combined.indexOf(Math.max(...combined));
      expect(step!.tokens[index]).toBe(best);
      const total = combined.reduce((sum, l) => sum + Math.exp(l - combined[best]!), 0);
      expect(step!.confidences[index]).toBeCloseTo(1 / total, 4);
    }
  });
});

describe("combinations that do not go together are refused with the reason:", () => {
  const prompt = "sort 3 1 2";
  test.each<readonly [string, GenerateRequest, RegExp]>([
    [
      "editing with a stale cache",
      { prompt, decoder: { name: "edit" }, cache: { name: "dual" } },
      /'dual' goes stale/,
    ],
    [
      "the block cache on a bidirectional model",
      { prompt, cache: { name: "block" } },
      /the model is bidirectional/,
    ],
    [
      "smoothing on a block-causal model",
      { prompt, smoothing: {}, blockLength: 8, overrides: { maskBlock: 8 } },
      /block-causal/,
    ],
    [
      "smoothing without a threshold",
      { prompt, smoothing: {}, decoder: { name: "hierarchical", threshold: null } },
      /must have a 'threshold': found null/,
    ],
    [
      "credit beside a filter",
      { prompt, decoder: { name: "credit" }, temperature: 1, topK: 3 },
      /'topK', 'topP' and 'minP' exclude/,
    ],
    [
      "blocks that do not fit the mask",
      { prompt, blockLength: 16, overrides: { maskBlock: 8 } },
      /mask block of 8: found 16/,
    ],
  ])("%s", async (_, request, message) => {
    await expect(runToEnd(engine, request)).rejects.toThrow(message);
  });
});

test("editing overwrites tokens, and goes on after the last mask until nothing changes or its steps are used", async () => {
  const { done, steps } = await runToEnd(engine, {
    messages: chat("story: leo, blue bird, lake"),
    decoder: { name: "edit", threshold: 0.5, edit: 0.5, postSteps: 4 },
  });
  expect(done.canvas).not.toContain(1);
  const edited = steps.filter(({ edits }) => edits.positions.length > 0);
  expect(edited.length).toBeGreaterThan(0);
  const starts = new Set(steps.map(({ block }) => block.start));
  for (const start of starts) {
    const post = steps.filter((step) => step.block.start === start && step.openCount === 0);
    expect(post.length).toBeGreaterThan(0);
    expect(post.length).toBeLessThanOrEqual(4);
    if (post.length < 4) expect(post.at(-1)!.edits.positions).toEqual([]);
  }
  // What was overwritten last stands in the answer.
  const last = edited.at(-1)!.edits;
  for (const [index, position] of last.positions.entries())
    expect(done.canvas[position]).toBe(last.tokens[index]);
});

test("klass, factor, margin, entropy and Dream's schedule answer", async () => {
  const decoders = [
    { name: "klass", steps: 8 },
    { name: "factor" },
    { name: "margin", steps: 8 },
    { name: "entropy", steps: 8 },
    { name: "dreamSchedule", steps: 8 },
    { name: "thresholdTopN" },
    { name: "entropyBound" },
  ];
  const runs = await Promise.all(
    decoders.map((decoder) =>
      runToEnd(engine, { messages: chat("reverse river stone cloud"), genLength: 64, decoder }),
    ),
  );
  expect(runs.map(({ done }) => done.text)).toEqual(decoders.map(() => "cloud stone river"));
});
