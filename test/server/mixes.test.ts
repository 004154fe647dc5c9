/** Different requests in one batch get the same answers as alone. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { chunksOf, eventsOf, textOf } from "./support/sse.ts";
import { answerOf, chat, completions, infill, messagesOf, openTiny, post } from "./support/tiny.ts";

const { app } = await openTiny();

const sampled = { temperature: 1.5, seed: 5 };
const canvas = (length: number, rest: object = {}) => ({ diffusion: { canvas: length, ...rest } });
const messages = messagesOf("sort 3 1");

/** Requests without streaming, whose answers are texts. */
const pool: readonly (readonly [path: string, body: object])[] = [
  [chat, { messages, ...canvas(6) }],
  [chat, { messages, ...canvas(6, { decoder: { name: "fixed", steps: 3 } }), ...sampled }],
  [
    chat,
    { messages: messagesOf("a b"), ...canvas(8, { cache: { name: "dual" }, block_length: 4 }), ...sampled },
  ],
  [chat, { messages, ...canvas(5, { decoder: { name: "credit" }, smoothing: {} }) }],
  [chat, { messages: messagesOf("so"), ...canvas(4, { cfg_scale: 1 }), top_p: 0.9, ...sampled }],
  [chat, { messages, ...canvas(6, { decoder: { name: "edit", post_steps: 2 } }), max_tokens: 3 }],
  [completions, { prompt: "ab", ...canvas(4), n: 2, ...sampled }],
  [completions, { prompt: ["ab", "cd"], ...canvas(3, { decoder: { name: "klass", steps: 3 } }) }],
  [
    completions,
    { prompt: [88, 84], ...canvas(6, { cache: { name: "prefix" }, block_length: 3 }), stop: "e" },
  ],
  [completions, { prompt: "so", suffix: "d", max_tokens: 3, ...sampled }],
  [infill, { segments: ["a", { length: 2 }, "b", { minimum: 1, maximum: 2 }], ...sampled }],
  [infill, { messages, draft: { text: "1 4", remask_fraction: 0.4 }, ...canvas(5) }],
];

async function choicesOf(index: number): Promise<unknown> {
  const [path, body] = pool[index]!;
  const answered = await answerOf(app, path, body);
  expect(answered.status).toBe(200);
  return answered.body.choices;
}

test("100 mixes", async () => {
  const alone: unknown[] = [];
  for (const index of pool.keys()) alone.push(await choicesOf(index));
  const mix = fc.array(fc.nat(pool.length - 1), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(mix, async (members) => {
      const together = await Promise.all(members.map(choicesOf));
      expect(together).toEqual(members.map((index) => alone[index]));
    }),
    { numRuns: 100 },
  );
}, 600_000);

test("streamed and other responses in one batch are equal", async () => {
  const bodies = pool.slice(0, 6).map(([, body]) => body);
  const streams = bodies.map(async (body) =>
    textOf(chunksOf(await eventsOf(await post(app, chat, { ...body, stream: true })))),
  );
  const whole = bodies.map(async (body) => (await answerOf(app, chat, body)).body.choices[0].message.content);
  expect(await Promise.all(streams)).toEqual(await Promise.all(whole));
});
