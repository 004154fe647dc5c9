/** Schemas of the responses below /engine: the core's own data as JSON, in which an infinite number is null. */
import * as z from "zod";
import type { Answers } from "./answers.ts";

const count = z.int().min(0);
const counts = z.array(count);
const numbers = z.array(z.number());
const range = z.strictObject({ start: count, end: count });

const logprob = z.number().nullable().meta({ description: "null is minus infinity" });
const logprobs = z.array(
  z.strictObject({ logprob, top: z.array(z.strictObject({ token: count, logprob })) }),
);
const guessed = { positions: counts, tokens: counts, confidences: numbers };
const written = { ...guessed, logprobs: logprobs.optional() };

const usage = z.strictObject({
  promptTokens: count,
  completionTokens: count,
  forwards: count,
  rows: count,
  prefills: count,
  sharedTokens: count,
  refreshes: count,
  tokensPerForward: z.number(),
  queuedMs: z.number(),
  decodeMs: z.number(),
  tokensPerSecond: z.number(),
});

const events = [
  z.strictObject({
    type: z.literal("start"),
    promptTokens: count,
    genLength: count,
    canvas: counts,
    undecided: counts,
    maskToken: count,
    queuedMs: z.number(),
  }),
  z.strictObject({
    type: z.literal("step"),
    step: count,
    window: range,
    block: range,
    refresh: z.boolean(),
    prefill: z.boolean(),
    openCount: count,
    ...written,
    edits: z.strictObject(written),
    revoked: counts.optional(),
    guesses: z.strictObject(guessed).optional(),
    texts: z.array(z.string()).optional(),
    ms: z.number(),
  }),
  z.strictObject({
    type: z.literal("progress"),
    committed: count,
    total: count,
    finalizedTokens: count.optional(),
    text: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal("block"),
    start: count,
    end: count,
    tokens: counts,
    text: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("extend"), start: count, end: count, genLength: count }),
  z.strictObject({ type: z.literal("recovered"), attempt: count, ms: z.number() }),
  z.strictObject({
    type: z.literal("done"),
    reason: z.enum(["stop", "length"]),
    text: z.string().optional(),
    holes: z
      .array(z.strictObject({ start: count, end: count, tokens: counts, text: z.string().optional() }))
      .optional(),
    tokens: counts,
    canvas: counts,
    usage,
  }),
] as const;

export const engineGenerateAnswers = { event: z.union(events) } satisfies Partial<Answers>;

const infinite = "null is infinite";
const parameter = z.strictObject({
  kind: z.enum(["number", "boolean", "choice"]),
  default: z.union([z.number(), z.boolean(), z.string()]).nullable(),
  help: z.string(),
  minimum: z.number().nullish().meta({ description: infinite }),
  maximum: z.number().nullish().meta({ description: infinite }),
  integer: z.boolean().optional(),
  exclusiveMinimum: z.boolean().optional(),
  saturatesAt: z.number().optional(),
  nullable: z.boolean().optional(),
  choices: z.array(z.string()).optional(),
});

export const engineInfoAnswers: Answers = {
  whole: z.strictObject({
    family: z.string(),
    parameters: count,
    vocabulary: count,
    context: count,
    cachePositions: count,
    maskBlock: count.nullable().meta({ description: infinite }),
    maskToken: count,
    stopTokens: counts,
    defaults: z.strictObject({ genLength: count, blockLength: count, threshold: z.number().optional() }),
    presets: z.strictObject({
      source: z.string(),
      settings: z.record(z.string(), z.record(z.string(), z.unknown())),
    }),
    hasTokenizer: z.boolean(),
    hasChatTemplate: z.boolean(),
    chatTemplateProblem: z.string().optional(),
    device: z.string(),
    decoders: z.array(
      z.strictObject({
        name: z.string(),
        help: z.string(),
        source: z.string().optional(),
        parameters: z.record(z.string(), parameter),
      }),
    ),
  }),
};

export const engineStatusAnswers: Answers = {
  whole: z.strictObject({
    waiting: count,
    active: count,
    usedPositions: count,
    passes: count,
    rows: count,
    passMs: z.number(),
    times: z.array(z.strictObject({ op: z.string(), dispatches: count, ms: z.number() })).optional(),
  }),
};
