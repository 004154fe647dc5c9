/** Requests in the exact format of lm-evaluation-harness (`local-completions`, `local-chat-completions`). */
import { expect, test } from "vitest";
import { answerOf, chat, completions, type Json, model, openTiny } from "./support/tiny.ts";

const { engine, app } = await openTiny(16);

/** Stop strings from the `until` of tasks and the tokenizer's end of text. */
const stop = ["\n\n", "Question:", "</s>", "\nclass", "\ndef", "<|endoftext|>"];
const rest = { model, max_tokens: 12, temperature: 0, stop, seed: 1234 };

/** Reads the choices by index, as the harness does. */
const read = (body: Json, of: (choice: Json) => string) => {
  const texts: string[] = [];
  for (const choice of body.choices) texts[choice.index] = of(choice);
  return texts;
};

test("generates from arrays of token IDs and of strings", async () => {
  const prompts = ["sort 3 1 2", "reverse a b"].map((text) => `<|user|>${text}<|assistant|>`);
  const ids = await Promise.all(prompts.map((text) => engine.tokenize(text, { special: "parse" })));
  const { status, body } = await answerOf(app, completions, { prompt: ids, ...rest });
  expect(status).toBe(200);
  expect(read(body, ({ text }) => text)[0]).toBe("1 2 3");
  const texts = await answerOf(app, completions, { prompt: ["sort", "rev"], ...rest });
  expect(read(texts.body, ({ text }) => text)).toHaveLength(2);
  expect(texts.body.choices.every(({ text }: Json) => text.length <= 12)).toBe(true);
});

test("generates from a conversation whose messages have a type", async () => {
  const messages = [{ role: "user", content: "sort 3 1 2", type: "text" }];
  const { body } = await answerOf(app, chat, { messages, ...rest, stop: stop.slice(0, 4) });
  expect(read(body, ({ message }) => message.content)).toEqual(["1 2 3"]);
});

test("rejects likelihoods with the reason", async () => {
  const request = {
    model,
    prompt: [[5, 6]],
    temperature: 0,
    max_tokens: 1,
    logprobs: 1,
    seed: 1234,
    echo: true,
  };
  const { status, body } = await answerOf(app, completions, request);
  expect(status).toBe(400);
  expect(body.error.message).toContain("a diffusion model cannot compute the likelihood of a given text");
});
