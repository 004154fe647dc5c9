/** What a request says of its own urgency: priority, a deadline, and a budget of forwards. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type GenerateEvent, type GenerateRequest } from "../../src/core/index.ts";
import { type Run, runToEnd } from "../suites/run.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { anyCache, blockCausal, requests } from "./arbitraries.ts";

const source = cpuSurroundings.model("llada-moe");
let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(source, { backend: cpu() });
});
afterAll(() => engine.dispose());

const slow: GenerateRequest = {
  tokens: [5, 9, 33],
  genLength: 16,
  blockLength: 16,
  decoder: { name: "fixed", steps: 16 },
};

describe("maxForwards", () => {
  const maskToken = () => engine.model.maskToken;

  /** What a run had committed after so many forwards. */
  function after({ steps, start }: Run, forwards: number): readonly number[] {
    const canvas = [...start.canvas];
    let made = 0;
    for (const { positions, tokens, edits, prefill } of steps) {
      if (!prefill && made++ === forwards) break;
      positions.forEach((position, index) => {
        canvas[position] = tokens[index]!;
      });
      edits.positions.forEach((position, index) => {
        canvas[position] = edits.tokens[index]!;
      });
    }
    return canvas.slice(0, start.promptTokens + start.genLength);
  }

  test("ends with what is decided by then; what is not stays a mask, and the answer ends before it", async () => {
    let cut = 0;
    const one = async (request: GenerateRequest, maxForwards: number) => {
      const whole = await runToEnd(engine, request);
      const limited = await runToEnd(engine, { ...request, maxForwards });
      const { usage, canvas, tokens, reason, text } = limited.done;
      if (whole.done.usage.forwards <= maxForwards) {
        // Whoever comes to the end with the last forward is not cut off.
        if (canvas.includes(maskToken())) throw new Error("Masks are left although the budget sufficed");
        expect(limited.done.canvas).toEqual(whole.done.canvas);
        expect(reason).toBe(whole.done.reason);
        return;
      }
      cut++;
      expect(usage.forwards).toBe(maxForwards);
      expect(reason).toBe("length");
      expect(canvas).toEqual(after(whole, maxForwards));
      const answer = canvas.slice(limited.start.promptTokens);
      const end = answer.findIndex(
        (token) => token === maskToken() || engine.model.stopTokens.includes(token),
      );
      expect(tokens).toEqual(end < 0 ? answer : answer.slice(0, end));
      expect(usage.completionTokens).toBe(tokens.length);
      expect(limited.blocks.map((block) => block.text ?? "").join("")).toBe(text ?? "");
    };
    await fc.assert(
      fc.asyncProperty(fc.oneof(requests(anyCache), blockCausal), fc.integer({ min: 1, max: 6 }), one),
      { numRuns: 150, seed: 31 },
    );
    expect(cut).toBeGreaterThan(50);
  });

  test("counts the passes that score a draft, and cuts the text of holes", async () => {
    const draft = { tokens: [4, 6, 8, 10], remaskFraction: 1 };
    const { done, steps } = await runToEnd(engine, { ...slow, draft, maxForwards: 2 });
    expect(steps).toEqual([]);
    expect(done).toMatchObject({ reason: "length", tokens: [], usage: { forwards: 2 } });
    await expect(runToEnd(engine, { ...slow, draft, maxForwards: 1 })).rejects.toThrow(
      "'maxForwards' must be at least the 2 passes that score it: found 1",
    );
    const filled = await runToEnd(engine, {
      infill: [[7], { length: 4 }, [9]],
      decoder: { name: "fixed", steps: 4 },
      maxForwards: 2,
    });
    const [hole] = filled.done.holes!;
    const end = filled.done.canvas.indexOf(maskToken());
    expect(end).toBeGreaterThan(0);
    expect(hole!.tokens).toEqual(filled.done.canvas.slice(1, end));
  });
});

describe("deadlineMs", () => {
  const failure = (request: GenerateRequest, on = engine) => runToEnd(on, request).catch((error) => error);

  test("ends a request that runs before its next pass, and leaves the others alone", async () => {
    const alone = await runToEnd(engine, slow);
    const long = { ...slow, genLength: 60, blockLength: 60, decoder: { name: "fixed", steps: 60 } };
    const [ended, other] = await Promise.all([failure({ ...long, deadlineMs: 1 }), runToEnd(engine, slow)]);
    expect(ended).toMatchObject({ name: "DiffusionError", code: "deadline-exceeded" });
    expect(ended.message).toMatch(/'deadlineMs' of 1 has passed: found \d+ ms since it was accepted/);
    expect(other.done.canvas).toEqual(alone.done.canvas);
    expect((await engine.status()).usedPositions).toBe(0);
  });

  test("ends a request that waits for its place", async () => {
    const small = await Engine.load(source, { backend: cpu(), context: 20, cachePositions: 20 });
    const first = runToEnd(small, slow);
    const waiting = await failure({ ...slow, deadlineMs: 1 }, small);
    expect(waiting).toMatchObject({ code: "deadline-exceeded" });
    expect((await first).done.type).toBe("done");
    await small.dispose();
  });

  test("a deadline that is far away changes nothing", async () => {
    const { done } = await runToEnd(engine, { ...slow, deadlineMs: 3_600_000 });
    expect(done.canvas).toEqual((await runToEnd(engine, slow)).done.canvas);
  });
});

test("of those who wait, the one of the highest priority starts first", async () => {
  const small = await Engine.load(source, { backend: cpu(), context: 20, cachePositions: 20 });
  const order: number[] = [];
  const run = async (priority: number) => {
    for await (const event of small.generate({ ...slow, priority }) as AsyncIterable<GenerateEvent>) {
      if (event.type === "start") order.push(priority);
    }
  };
  await Promise.all([0, -3, 1, 10, 4].map(run));
  expect(order).toEqual([10, 4, 1, 0, -3]);
  await small.dispose();
});

test.each([
  [{ priority: 11 }, /'priority' must be an integer at least -10 and at most 10: found 11/],
  [{ deadlineMs: 0 }, /'deadlineMs' must be an integer at least 1, or null: found 0/],
  [{ maxForwards: 1.5 }, /'maxForwards' must be an integer at least 1, or null: found 1.5/],
])("%j is refused", async (change, message) => {
  const error = await runToEnd(engine, { ...slow, ...change }).catch((cause) => cause);
  expect(error).toMatchObject({ code: "invalid-request", message: expect.stringMatching(message) });
});
