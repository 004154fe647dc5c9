import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine } from "../../src/core/index.ts";
import { tinyModel } from "../support/tinyModel.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(tinyModel(), { backend: cpu() });
});
afterAll(() => engine.dispose());

const exceeded = (what: string) =>
  expect.objectContaining({
    code: "context-exceeded",
    message: expect.stringMatching(
      new RegExp(`^Cannot encode ${what} as it may have at most \\d+ tokens: found at least \\d+$`),
    ),
  });
/** 8 MB, of which a token covers nine at most. */
const long = "abcdefgh".repeat(1_000_000);

describe("text that is too long for the context is refused unread", () => {
  test.each([
    ["a prompt", { prompt: long }, "the prompt"],
    ["a message", { messages: [{ role: "user", content: long }] }, "the messages"],
    ["pinned text", { infill: ["a", { length: 1 }, long] }, "infill\\[2\\]"],
    ["pinned text in many parts", { infill: [...Array(600).fill("a"), { length: 1 }] }, "infill\\[\\d+\\]"],
    ["a draft", { prompt: "a", draft: { text: long, remaskFraction: 0.5 } }, "the draft"],
  ])("%s", async (_, request, what) => {
    let turns = 0;
    const count = () => {
      turns++;
      if (turns < 1000) setTimeout(count, 0);
    };
    setTimeout(count, 0);
    await expect(engine.generate(request).next()).rejects.toEqual(exceeded(what));
    // not even a slice of it was read
    expect(turns).toBeLessThan(20);
    turns = 1000;
  });

  test("by tokenize beyond a million tokens", async () => {
    const text = "a".repeat(10 * 2 ** 20);
    await expect(engine.tokenize(text)).rejects.toEqual(exceeded("the text"));
  });

  test("by tokenize where the caller sets a limit", async () => {
    await expect(engine.tokenize(long, { maxTokens: 512 })).rejects.toEqual(exceeded("the text"));
    await expect(engine.tokenize("abc", { maxTokens: 2 })).rejects.toEqual(exceeded("the text"));
    expect(await engine.tokenize("abc", { maxTokens: 3 })).toHaveLength(3);
  });
});

test("others are answered while a long text is read", async () => {
  const ended: string[] = [];
  const text = "abc, ".repeat(200_000);
  const reading = engine.tokenize(text).then((tokens) => {
    ended.push("text");
    return tokens;
  });
  const answers = Array.from({ length: 4 }, async () => {
    for await (const _ of engine.generate({
      messages: [{ role: "user", content: "sort 3 1 2" }],
      genLength: 16,
    }));
    ended.push("answer");
  });
  const [tokens] = await Promise.all([reading, ...answers]);
  expect(tokens).toHaveLength(text.length);
  expect(ended).toEqual(["answer", "answer", "answer", "answer", "text"]);
});

test("reading ends with its caller, and tokens are decoded in slices too", async () => {
  const abort = new AbortController();
  const reading = engine.tokenize("abc, ".repeat(200_000), { signal: abort.signal });
  setTimeout(() => abort.abort(), 0);
  await expect(reading).rejects.toMatchObject({ code: "aborted" });
  let turns = 0;
  const watch = setInterval(() => turns++, 0);
  const tokens = Array<number>(600_000).fill(70);
  expect(await engine.detokenize(tokens)).toHaveLength(600_000);
  expect(await engine.tokenTexts(tokens)).toHaveLength(600_000);
  clearInterval(watch);
  expect(turns).toBeGreaterThan(4);
});
