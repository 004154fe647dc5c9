/** LangChain's ChatOpenAI and OpenAI. */
import { AIMessage, HumanMessage, SystemMessage, type UsageMetadata } from "@langchain/core/messages";
import { ChatOpenAI, OpenAI } from "@langchain/openai";
import { expect, test } from "vitest";
import { answer, model, question, servedTiny } from "./served.ts";

const { baseURL } = await servedTiny();
const settings = { model, apiKey: "none", maxRetries: 0, configuration: { baseURL } };

/** LangChain's type of the usage depends on the message's content type, and is `never` here. */
const usageOf = (message: { readonly usage_metadata?: unknown }) => message.usage_metadata as UsageMetadata;

test("continues a conversation with its own answer", async () => {
  const chat = new ChatOpenAI({ ...settings, temperature: 0 });
  const first = await chat.invoke([new HumanMessage(question)]);
  expect([first.content, first.response_metadata["finish_reason"]]).toEqual([answer, "stop"]);
  expect(first.usage_metadata).toMatchObject({ input_tokens: 15, output_tokens: 8, total_tokens: 23 });
  const history = [
    new SystemMessage("You sort."),
    new HumanMessage(question),
    first,
    new HumanMessage(question),
  ];
  expect(usageOf(await chat.invoke(history)).input_tokens).toBeGreaterThan(30);
});

test("accepts a history with content parts and names", async () => {
  const chat = new ChatOpenAI({ ...settings, temperature: 0, topP: 1, maxTokens: 8, n: 1, user: "ann" });
  const history = [
    new HumanMessage({ content: [{ type: "text", text: question }], name: "ann" }),
    new AIMessage(answer),
    new HumanMessage(question),
  ];
  expect(usageOf(await chat.invoke(history)).output_tokens).toBeGreaterThan(0);
});

test("streams with usage", async () => {
  const chat = new ChatOpenAI({ ...settings, temperature: 0, streamUsage: true });
  let text = "";
  let total = 0;
  for await (const chunk of await chat.stream(question)) {
    text += chunk.content;
    total += usageOf(chunk)?.total_tokens ?? 0;
  }
  expect([text, total]).toEqual([answer, 23]);
});

test("completions", async () => {
  const completions = new OpenAI({ ...settings, temperature: 0, maxTokens: 4 });
  const { llmOutput } = await completions.generate([question]);
  expect(llmOutput!["tokenUsage"]).toMatchObject({ promptTokens: question.length });
});
