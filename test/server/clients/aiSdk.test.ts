/** Vercel's AI SDK with its providers for OpenAI-compatible servers and for OpenAI. */
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, type ModelMessage, streamText } from "ai";
import { describe, expect, test } from "vitest";
import { answer, model, question, servedTiny } from "./served.ts";

const { baseURL } = await servedTiny();
const compatible = createOpenAICompatible({ name: "unmask", baseURL, includeUsage: true });
const openai = createOpenAI({ baseURL, apiKey: "none" });

describe.each([
  ["@ai-sdk/openai-compatible", compatible(model)],
  ["@ai-sdk/openai, as .chat()", openai.chat(model)],
])("%s", (_, chatModel) => {
  test("continues a conversation with its own answer", async () => {
    const messages: ModelMessage[] = [{ role: "user", content: question }];
    const first = await generateText({ model: chatModel, messages });
    expect([first.text, first.finishReason]).toEqual([answer, "stop"]);
    expect(first.usage).toMatchObject({ inputTokens: 15, outputTokens: 8 });
    messages.push(...first.response.messages, { role: "user", content: question });
    const second = await generateText({ model: chatModel, messages, maxOutputTokens: 8, seed: 1 });
    expect(second.usage.inputTokens).toBeGreaterThan(30);
    expect(second.warnings).toEqual([]);
  });

  test("streams with usage", async () => {
    const stream = streamText({
      model: chatModel,
      system: "You sort.",
      prompt: question,
      maxOutputTokens: 4,
      temperature: 0,
      stopSequences: ["###"],
      onError: ({ error }) => {
        throw error;
      },
    });
    let text = "";
    for await (const part of stream.textStream) text += part;
    expect(text.length).toBeGreaterThan(0);
    expect(await stream.usage).toMatchObject({ outputTokens: 4 });
    expect(await stream.finishReason).toBe("length");
  });
});

test("completions", async () => {
  const { usage } = await generateText({
    model: compatible.completionModel(model),
    prompt: question,
    maxOutputTokens: 4,
  });
  expect(usage.inputTokens).toBeGreaterThan(question.length);
});

test("@ai-sdk/openai without .chat() uses /v1/responses and gets a 404", async () => {
  await expect(generateText({ model: openai(model), prompt: question, maxRetries: 0 })).rejects.toThrow(
    "Unknown endpoint /v1/responses",
  );
});
