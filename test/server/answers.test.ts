/** Responses match the schemas of /openapi.json. */
import { expect, test } from "vitest";
import {
  type Answers,
  chatAnswers,
  completionsAnswers,
  detokenizeAnswers,
  engineGenerateAnswers,
  engineInfoAnswers,
  engineStatusAnswers,
  infillAnswers,
  modelAnswers,
  modelsAnswers,
  tokenizeAnswers,
} from "../../src/server/schema/index.ts";
import { eventsOf } from "./support/sse.ts";
import { type Json, model, openTiny, post } from "./support/tiny.ts";

const { app } = await openTiny(16);

const messages = [{ role: "user", content: "sort 42 17 90" }];
const segments = ["so", { length: 2 }, { minimum: 0, maximum: 2 }];
const generated: readonly (readonly [path: string, body: object, answers: Answers])[] = [
  ["/v1/chat/completions", { messages }, chatAnswers],
  ["/v1/chat/completions", { messages, logprobs: true, top_logprobs: 2, n: 2 }, chatAnswers],
  ["/v1/completions", { prompt: ["tom", "leo"], max_tokens: 4 }, completionsAnswers],
  ["/v1/completions", { prompt: "tom", logprobs: 2 }, completionsAnswers],
  ["/v1/completions", { prompt: "river ", suffix: " cloud", max_tokens: 4 }, completionsAnswers],
  ["/v1/infill", { segments }, infillAnswers],
  ["/v1/infill", { messages, draft: { text: "17 42 90", remask_fraction: 0.5 } }, infillAnswers],
];

test.each(generated)("%s %j", async (path, body, { whole, event }) => {
  const response = await post(app, path, body);
  expect(response.status).toBe(200);
  whole.parse(await response.json());
  const options = { include_usage: true, include_steps: true };
  const events = await eventsOf(await post(app, path, { ...body, stream: true, stream_options: options }));
  expect(new Set(events.map((each) => each.event))).toEqual(
    new Set([undefined, "diffusion.step", "diffusion.step_map"]),
  );
  for (const { data } of events) if (data !== "[DONE]") event!.parse(data);
});

test("models and tokens", async () => {
  const fetchJson = async (path: string, body?: object): Promise<Json> =>
    (await (body ? post(app, path, body) : app.request(path))).json();
  modelsAnswers.whole.parse(await fetchJson("/v1/models"));
  modelAnswers.whole.parse(await fetchJson(`/v1/models/${model}`));
  tokenizeAnswers.whole.parse(await fetchJson("/tokenize", { prompt: "so" }));
  tokenizeAnswers.whole.parse(await fetchJson("/tokenize", { messages, return_token_strs: true }));
  detokenizeAnswers.whole.parse(await fetchJson("/detokenize", { tokens: [88, 84] }));
  const withTexts = await fetchJson("/detokenize", { tokens: [88, 84], return_token_strs: true });
  expect(detokenizeAnswers.whole.parse(withTexts)).toEqual({ prompt: "so", token_strs: ["s", "o"] });
});

test("engines", async () => {
  engineInfoAnswers.whole.parse(await (await app.request(`/engine/info/${model}`)).json());
  engineStatusAnswers.whole.parse(await (await app.request(`/engine/status/${model}`)).json());
  const requests = [
    { messages, topLogprobs: 2, guesses: true, decoder: { name: "fixed", steps: 4 } },
    { prompt: "abcdefghijklmnopqrst", genLength: 4, maxTokens: 12, overrides: { stopTokens: [] } },
    { infill: segments },
    { messages, draft: { text: "17 42 90", remaskFraction: 0.5 } },
  ];
  const types = new Set<string>();
  for (const request of requests) {
    const events = await eventsOf(await post(app, "/engine/generate", { request }));
    expect(events.at(-1)!.data).toBe("[DONE]");
    for (const { data } of events.slice(0, -1)) types.add(engineGenerateAnswers.event.parse(data).type);
  }
  expect([...types].sort()).toEqual(["block", "done", "extend", "progress", "start", "step"]);
});

test("/openapi.json contains the response schemas", async () => {
  const document: Json = await (await app.request("/openapi.json")).json();
  const { content } = document.paths["/v1/chat/completions"].post.responses["200"];
  expect(Object.keys(content)).toEqual(["application/json", "text/event-stream"]);
  const { choices, usage } = content["application/json"].schema.properties;
  expect(choices.items.properties.finish_reason.enum).toEqual(["stop", "length"]);
  expect(usage.properties.diffusion.required).toContain("forwards");
  expect(Object.keys(document.paths["/tokenize"].post.responses["200"].content)).toEqual([
    "application/json",
  ]);
});
