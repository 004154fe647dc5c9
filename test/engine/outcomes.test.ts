/** Why a generation ended, what it took, and what of a request is refused as it could have no effect. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { decoder, Engine, type GenerateRequest } from "../../src/core/index.ts";
import { type Run, runToEnd } from "../suites/run.ts";
import { collect } from "../support/recovering.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(cpuSurroundings.tinyModel, { backend: cpu() });
});
afterAll(() => engine.dispose());

const fixed = (steps: number) => ({ name: "fixed", steps });
const sort = [{ role: "user", content: "sort 42 17 90" }];
const infill = [[7, 9], { length: 4 }, [11], { minimum: 0, maximum: 3 }];

describe("the reason", () => {
  test("of holes that are all filled is a stop, of holes that a budget left open the length", async () => {
    const whole = await runToEnd(engine, { infill, decoder: fixed(4) });
    expect(whole.done.reason).toBe("stop");
    const cut = await runToEnd(engine, { infill, decoder: fixed(4), maxForwards: 2 });
    expect(cut.done.reason).toBe("length");
  });

  test("of an answer whose stop stands before its first open position is a stop, though a budget ended it", async () => {
    const leftmost = { name: "quota", steps: 16, order: "position" };
    const request = { messages: sort, genLength: 16, blockLength: 16, decoder: leftmost };
    const whole = await runToEnd(engine, request);
    const open = (forwards: number) => runToEnd(engine, { ...request, maxForwards: forwards });
    let early = 0;
    for (let forwards = 1; forwards <= 15; forwards += 2) {
      const { done } = await open(forwards);
      const behind = done.canvas[done.usage.promptTokens + done.tokens.length]!;
      const stopped = engine.model.stopTokens.includes(behind);
      expect([forwards, done.reason]).toEqual([forwards, stopped ? "stop" : "length"]);
      if (stopped && done.canvas.includes(engine.model.maskToken)) early++;
      if (stopped) expect(done.text).toBe(whole.done.text);
    }
    expect(early).toBeGreaterThan(0);
  });

  test("of a stop string that stands there too", async () => {
    const leftmost = { name: "quota", steps: 32, order: "position" };
    const request = { messages: sort, genLength: 32, blockLength: 32, decoder: leftmost, stop: ["42"] };
    const { done } = await runToEnd(engine, { ...request, maxForwards: 8 });
    expect(done).toMatchObject({ reason: "stop", text: "17 " });
  });
});

describe("usage", () => {
  test("of an infilling counts what was given apart from what was generated", async () => {
    const { done } = await runToEnd(engine, { tokens: [5, 6, 8], infill, decoder: fixed(4) });
    const kept = done.holes!.reduce((sum, { tokens }) => sum + tokens.length, 0);
    expect(done.usage).toMatchObject({ promptTokens: 6, completionTokens: kept });
    expect(done.usage.tokensPerForward).toBeCloseTo(kept / done.usage.forwards);
  });

  test("of what is complete at its start has no negative time", async () => {
    const request = { messages: sort, genLength: 1, endToken: "stop" as const };
    const { done, steps } = await runToEnd(engine, request);
    expect(steps).toEqual([]);
    expect(done).toMatchObject({ reason: "stop", usage: { forwards: 0, decodeMs: 0, tokensPerSecond: 0 } });
  });

  test("decodeMs leaves out the queue, and queuedMs the decoding", async () => {
    const small = await Engine.load(cpuSurroundings.tinyModel, {
      backend: cpu(),
      context: 24,
      cachePositions: 24,
    });
    const request = { tokens: [5, 6, 7], genLength: 20, blockLength: 20, decoder: fixed(20) };
    const runs = await Promise.all([1, 2, 3].map(() => collect(small, request)));
    runs.forEach((events, index) => {
      const last = events.at(-1)!;
      if (last.type !== "done") throw new Error("The generation ended without 'done'");
      const passes = events.reduce((sum, event) => sum + (event.type === "step" ? event.ms : 0), 0);
      // A run is shorter than one run and the wait for another one together.
      expect(last.usage.decodeMs).toBeLessThan(passes + last.usage.queuedMs + (index === 0 ? Infinity : 0));
      expect(last.usage.decodeMs).toBeGreaterThanOrEqual(passes * 0.9);
    });
    const waits = runs.map(([start]) => (start?.type === "start" ? start.queuedMs : -1));
    expect(waits[1]!).toBeGreaterThan(waits[0]!);
    expect(waits[2]!).toBeGreaterThan(waits[1]!);
    await small.dispose();
  });

  test("of a draft that waits for its place: the wait is in queuedMs, and its deadline is kept meanwhile", async () => {
    const small = await Engine.load(cpuSurroundings.tinyModel, {
      backend: cpu(),
      context: 24,
      cachePositions: 24,
    });
    const slow = { tokens: [5, 6, 7], genLength: 20, blockLength: 20, decoder: fixed(20) };
    const draft = { tokens: [60, 61, 62, 63], remaskFraction: 0.5 };
    const before = performance.now();
    const [first, drafted, late] = await Promise.all([
      collect(small, slow).then(() => performance.now() - before),
      runToEnd(small, { ...slow, draft }),
      runToEnd(small, { ...slow, draft, deadlineMs: 1 }).catch((error: unknown) => error),
    ]);
    expect(drafted.done.usage.queuedMs).toBeGreaterThan(first * 0.8);
    expect(drafted.start.queuedMs).toBe(drafted.done.usage.queuedMs);
    expect(late).toMatchObject({ code: "deadline-exceeded" });
    expect(await small.status()).toMatchObject({ waiting: 0, active: 0, usedPositions: 0 });
    await small.dispose();
  });
});

test("a draft's planted errors are what is written again", async () => {
  const answers = ["17 42 90", "cloud stone river", "12+5=17. 17-3=14. #### 14"];
  const prompts = [
    "sort 42 17 90",
    "reverse river stone cloud",
    "word: tom has 12 pens. tom finds 5. tom loses 3. total?",
  ];
  let found = 0;
  let planted = 0;
  for (const [index, content] of prompts.entries()) {
    const messages = [{ role: "user", content }];
    const right = (await runToEnd(engine, { messages, genLength: 64 })).done;
    expect(right.tokens.length).toBeGreaterThan(5);
    if (index < 2) expect(right.text).toBe(answers[index]);
    for (const at of [1, 4, 6]) {
      planted++;
      const tokens = right.tokens.map((token, offset) => (offset === at ? ((token + 7) % 60) + 40 : token));
      const remaskFraction = 1 / tokens.length;
      const { start, done } = await runToEnd(engine, {
        messages,
        genLength: 64,
        draft: { tokens, remaskFraction },
      });
      const answer = start.canvas.slice(start.promptTokens, start.promptTokens + tokens.length);
      if (answer[at] === start.maskToken) found++;
      expect(done.usage.forwards).toBeGreaterThanOrEqual(2);
    }
  }
  expect([planted, found]).toEqual([9, expect.any(Number)]);
  expect(found).toBeGreaterThanOrEqual(8);
});

test("steps that a schedule lets commit nothing are not computed, and the tokens are the same as with them", async () => {
  const small = await Engine.load(cpuSurroundings.model("llada"), { backend: cpu() });
  const decoder = { name: "dreamSchedule", steps: 100, algTemperature: 0.3 };
  const request = { tokens: [3, 9], genLength: 8, blockLength: 8, decoder, overrides: { stopTokens: [] } };
  for (const temperature of [0, 0.7]) {
    const quick = await runToEnd(small, { ...request, temperature });
    const whole = await runToEnd(small, { ...request, temperature, cache: { name: "dInferNone" } });
    expect(quick.done.canvas).toEqual(whole.done.canvas);
    expect(quick.done.usage.forwards).toBeLessThanOrEqual(8);
    expect(whole.done.usage.forwards).toBeGreaterThan(60);
    const commits = ({ steps }: Run) =>
      steps.flatMap(({ step, positions }) => (positions.length > 0 ? [[step, positions]] : []));
    expect(commits(quick)).toEqual(commits(whole));
    expect(quick.steps).toHaveLength(commits(quick).length);
  }
  await small.dispose();
});

describe("what a stop string leaves open", () => {
  test("holds the stop token, and where the model has none the mask token", async () => {
    const request = { messages: sort, genLength: 32, blockLength: 4, stop: ["42"] };
    const { done } = await runToEnd(engine, request);
    expect(done.text).toBe("17 ");
    expect(done.canvas.at(-1)).toBe(engine.model.stopTokens[0]);
    const without = await runToEnd(engine, { ...request, overrides: { stopTokens: [] } });
    expect(without.done.text).toBe("17 ");
    expect(without.done.canvas.at(-1)).toBe(engine.model.maskToken);
  });
});

describe("refused, with the reason", () => {
  const messages = sort;
  const holes: GenerateRequest = { infill: [[7], { length: 2 }] };
  const cases: readonly (readonly [string, object, RegExp])[] = [
    ...Object.entries({
      stop: ["a"],
      blockLength: 4,
      subBlockLength: 2,
      alignBlocksToGrid: true,
      trimLastBlock: true,
      endToken: "stop",
      earlyStop: false,
      maxTokens: 5,
    }).map(
      ([field, value]) =>
        [field, { ...holes, [field]: value }, RegExp(`'${field}' does not apply to holes`)] as const,
    ),
    ["a hole beyond memory", { infill: [[7], { length: 100_000_000 }] }, /512 positions: found 100000001/],
    ["holes beyond any number", { infill: [{ length: 2 ** 52 }, { maximum: 2 ** 52 }] }, /512 positions/],
    ["a canvas beyond memory", { messages, genLength: 1e12 }, /512 positions/],
    ["steps beyond counting", { messages, decoder: fixed(2 ** 40) }, /'steps' must be .* at most 65536/],
    [
      "steps of a linear schedule",
      { messages, decoder: { name: "linearSchedule", steps: 2 ** 40 } },
      /'steps'/,
    ],
    ["post steps beyond waiting", { messages, decoder: { name: "edit", postSteps: 1e9 } }, /'postSteps'/],
    [
      "more stop tokens than are looked for",
      { messages, stopTokens: [...Array(300).keys()] },
      /at most 256 tokens: found 300/,
    ],
    [
      "a stop token that there is not",
      { messages, stopTokens: [5, 4000] },
      /'stopTokens' must hold .*: found 4000/,
    ],
    [
      "the mask token as a stop",
      { messages, overrides: { stopTokens: [1] } },
      /must not contain the mask token: found 1/,
    ],
    ["the mask token as another stop", { messages, stopTokens: [1] }, /must not contain the mask token/],
    [
      "aligned blocks of the mask",
      { messages, alignBlocksToGrid: true, blockLength: 8, overrides: { maskBlock: 8 } },
      /align/,
    ],
    ["trimLastBlock for a bidirectional model", { messages, trimLastBlock: true }, /trim the last block/],
  ];
  test.each(cases)("%s", async (_, request, message) => {
    await expect(runToEnd(engine, request as GenerateRequest)).rejects.toThrow(message);
  });

  test("fields that ask for nothing beside holes are taken", async () => {
    const nothing = {
      stop: [],
      blockLength: null,
      alignBlocksToGrid: false,
      trimLastBlock: false,
      endToken: null,
      earlyStop: true,
    };
    expect((await runToEnd(engine, { ...holes, ...nothing, maxTokens: null })).done.reason).toBe("stop");
  });

  test("decoders that are none, or have the name of another one", async () => {
    const load = (...decoders: object[]) =>
      Engine.load(cpuSurroundings.tinyModel, { backend: cpu(), decoders: decoders as never });
    const own = decoder({ name: "own", help: "", source: "", parameters: {}, commit: () => {} });
    await expect(load({ ...own, name: "threshold" })).rejects.toThrow(/found a second 'threshold'/);
    await expect(load(own, own)).rejects.toThrow(/found a second 'own'/);
    await expect(load({ name: "x" })).rejects.toThrow(
      /decoders\[0\] must have a 'name' and a function 'commit'/,
    );
  });

  test("decoders that would never end", async () => {
    const about = { help: "", source: "", parameters: {} };
    const restless = decoder({
      ...about,
      name: "restless",
      needs: ["known"],
      isBlockDone: () => false,
      commit: ({ open, token }, _, out) => {
        for (const offset of open) out.commit(offset, token[offset]!);
      },
    });
    const idle = decoder({ ...about, name: "idle", transferCount: () => 0, commit: () => {} });
    const liar = decoder({
      ...about,
      name: "liar",
      transferCount: () => 2,
      commit: ({ open, token }, _, out) => out.commit(open[0]!, token[open[0]!]!),
    });
    const own = await Engine.load(cpuSurroundings.model("llada"), {
      backend: cpu(),
      decoders: [restless, idle, liar],
    });
    const run = (name: string) => runToEnd(own, { tokens: [3], genLength: 2, decoder: { name } });
    await expect(run("restless")).rejects.toThrow(/must finish a filled block within 1024 steps/);
    await expect(run("idle")).rejects.toThrow(/must commit something within 65536 steps/);
    const [failed, other] = await Promise.allSettled([
      run("idle"),
      runToEnd(own, { tokens: [3], genLength: 4, decoder: fixed(4) }),
    ]);
    expect([failed.status, other.status]).toEqual(["rejected", "fulfilled"]);
    expect(await own.status()).toMatchObject({ waiting: 0, active: 0, usedPositions: 0 });
    await expect(run("liar")).rejects.toThrow(/committed 1 positions in a step whose 'transferCount' is 2/);
    await own.dispose();
  });
});

describe("a block on which 'edit' has nothing to decide", () => {
  const edit = { name: "edit" };
  test("is left at once", async () => {
    const one = await runToEnd(engine, { prompt: "a", genLength: 1, decoder: edit, endToken: "stop" });
    expect(one.done.usage.forwards).toBe(0);
    const draft = { text: "17 42 90", remaskFraction: 0.1 };
    const drafted = await runToEnd(engine, {
      messages: sort,
      genLength: 8,
      blockLength: 4,
      draft,
      decoder: edit,
    });
    expect(drafted.done.reason).toMatch(/stop|length/);
  });
});
