/**
 * Request bodies of pages and proxies, recorded from their public sources: Open WebUI through its backend and from the
 * browser; LibreChat; llama.cpp's own page; LiteLLM as a library and as a proxy.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventsOf } from "../support/sse.ts";
import { chat, type Json, openTiny, post } from "../support/tiny.ts";

const { app } = await openTiny(16);
const folder = new URL("bodies/", import.meta.url);
const files = readdirSync(folder);

/** The expected header with the ignored fields of each body. */
const ignored: Readonly<Record<string, string>> = {
  "libreChat.json": "messages[].name",
  "liteLlm.json": "messages[].provider_specific_fields, extra_body",
  "llamaCppPage.json": "return_progress, samplers",
  "llamaCppPageOlder.json": "samplers",
  "openWebUiDirect.json": "params, tool_servers, features, variables, model_item, background_tasks",
};

test("the bodies of all clients are present", () => {
  expect(files.length).toBeGreaterThanOrEqual(9);
  for (const file of Object.keys(ignored)) expect(files).toContain(file);
});

test.each(files)("%s", async (file) => {
  const text = readFileSync(new URL(file, folder), "utf8");
  const body: Json = JSON.parse(text);
  const answer = await post(app, chat, text);
  expect([answer.status, answer.headers.get("x-unmask-ignored-fields")]).toEqual([
    200,
    ignored[file] ?? null,
  ]);
  if (!body.stream) return expect((await answer.json()).choices).toHaveLength(1);
  const events = await eventsOf(answer);
  expect(events.at(-1)!.data).toBe("[DONE]");
  for (const { data } of events.slice(0, -1)) expect(data.object).toBe("chat.completion.chunk");
  const usages = events.slice(0, -1).map(({ data }) => data.usage);
  if (body.stream_options) expect(usages.at(-1)).toMatchObject({ total_tokens: expect.any(Number) });
});
