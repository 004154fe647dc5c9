/** LlamaIndex's OpenAI. */
import type { ChatMessage } from "@llamaindex/core/llms";
import { OpenAI } from "@llamaindex/openai";
import { expect, test } from "vitest";
import { answer, model, question, servedTiny } from "./served.ts";

const { baseURL } = await servedTiny();
const llm = new OpenAI({ model, apiKey: "none", baseURL, temperature: 0, maxRetries: 0 });

test("continues a conversation with its own answer", async () => {
  const messages: ChatMessage[] = [{ role: "user", content: question }];
  const { message } = await llm.chat({ messages });
  expect(message.content).toBe(answer);
  const second = await llm.chat({ messages: [...messages, message, { role: "user", content: question }] });
  expect(second.message.role).toBe("assistant");
});

test("streams", async () => {
  let text = "";
  for await (const { delta } of await llm.chat({
    messages: [{ role: "user", content: question }],
    stream: true,
  }))
    text += delta;
  expect(text).toBe(answer);
});

test("completes", async () => {
  expect((await llm.complete({ prompt: question })).text).toBe(answer);
});
