/** Schemas of the responses, for /openapi.json. A test validates real responses with them. */
import * as z from "zod";

const count = z.int().min(0);
const texts = z.array(z.string());
const numbers = z.array(z.number());
const finishReason = z.enum(["stop", "length"]);

const usage = z.strictObject({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  diffusion: z.strictObject({
    canvas: count.meta({ description: "length of the canvas in positions; the longest of all choices" }),
    seeds: z.array(count).meta({ description: "the seed of each choice" }),
    forwards: count,
    rows: count.meta({ description: "positions that these passes computed" }),
    prefills: count,
    refreshes: count,
    tokens_per_forward: z.number(),
    queued_ms: z.number(),
    decode_ms: z.number(),
  }),
});

const token = { token: z.string(), logprob: z.number(), bytes: z.array(z.int().min(0).max(255)) };
const chatLogprobs = z
  .strictObject({
    content: z.array(z.strictObject({ ...token, top_logprobs: z.array(z.strictObject(token)) })),
    refusal: z.null(),
  })
  .nullable();
const completionLogprobs = z
  .strictObject({
    tokens: texts,
    token_logprobs: numbers,
    text_offset: z.array(count),
    top_logprobs: z.array(z.record(z.string(), z.number())),
  })
  .nullable();

const head = { id: z.string(), created: count, model: z.string() };

function whole(object: string, choice: z.ZodRawShape) {
  const choices = z.array(z.strictObject({ index: count, ...choice, finish_reason: finishReason }));
  return z.strictObject({ ...head, object: z.literal(object), choices, usage });
}

const none = z.tuple([]);
const commits = { positions: z.array(count), tokens: z.array(count), texts, confidences: numbers };
const step = z.strictObject({
  ...head,
  object: z.literal("diffusion.step"),
  choices: none,
  index: count,
  step: count,
  ...commits,
  edits: z.strictObject(commits),
  revoked: z.array(count).optional().meta({ description: "positions that are undecided again" }),
  guesses: z
    .strictObject(commits)
    .optional()
    .meta({ description: "the best guesses at the positions that stay undecided, with diffusion.guesses" }),
});
const stepMap = z.strictObject({
  ...head,
  object: z.literal("diffusion.step_map"),
  choices: none,
  index: count,
  steps: z
    .array(count.nullable())
    .meta({ description: "the decode step of each token; null for a token that no step committed" }),
});

/** The data of a stream's event: a chunk, or with `include_steps` a decode step or a step map. */
function events(object: string, choice: z.ZodRawShape) {
  const choices = z.array(
    z.strictObject({ index: count, ...choice, finish_reason: finishReason.nullable() }),
  );
  const chunk = z.strictObject({
    ...head,
    object: z.literal(object),
    choices,
    usage: usage.nullish().meta({ description: "in the last chunk, with include_usage" }),
  });
  return z.union([chunk, step, stepMap]);
}

/** The response schemas of an endpoint. */
export interface Answers {
  /** The schema of a JSON response. */
  readonly whole: z.ZodType;
  /** The schema of an event's data, if the endpoint has streams. */
  readonly event?: z.ZodType;
}

const assistant = z.literal("assistant");
export const chatAnswers: Answers = {
  whole: whole("chat.completion", {
    message: z.strictObject({ role: assistant, content: z.string(), refusal: z.null() }),
    logprobs: chatLogprobs,
  }),
  event: events("chat.completion.chunk", {
    delta: z.strictObject({ role: assistant.optional(), content: z.string().optional() }),
    logprobs: chatLogprobs,
  }),
};

const completion = { text: z.string(), logprobs: completionLogprobs };
export const completionsAnswers: Answers = {
  whole: whole("text_completion", completion),
  event: events("text_completion", completion),
};

const holes = z.array(z.strictObject({ text: z.string(), tokens: z.array(count) })).optional();
const filled = { text: z.string(), holes };
export const infillAnswers: Answers = {
  whole: whole("infill", filled),
  event: events("infill.chunk", filled),
};

const model = z.strictObject({
  id: z.string(),
  object: z.literal("model"),
  created: count,
  owned_by: z.literal("unmask"),
  diffusion: z.strictObject({
    family: z.string(),
    parameters: count,
    vocabulary: count,
    context: count,
    device: z.string(),
    canvas: count,
    block_length: count,
    chat: z.boolean(),
    decoders: texts,
    caches: texts,
    mask_block: count.nullable().meta({ description: "null for a bidirectional model" }),
    presets: z.strictObject({ source: z.string(), names: texts }),
  }),
});
export const modelAnswers: Answers = { whole: model };
export const modelsAnswers: Answers = {
  whole: z.strictObject({ object: z.literal("list"), data: z.array(model) }),
};

export const tokenizeAnswers: Answers = {
  whole: z.strictObject({
    count,
    max_model_len: count,
    tokens: z.array(count),
    token_strs: texts.optional(),
  }),
};
export const detokenizeAnswers: Answers = {
  whole: z.strictObject({ prompt: z.string(), token_strs: texts.optional() }),
};
