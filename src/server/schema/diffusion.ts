/** What a request says under `diffusion`: all that the core declares, and OpenAI's API has no field for. */
import type * as z from "zod";
import {
  type Choice,
  cachePolicies,
  type Declared,
  type GenerateRequest,
  maxStopTokens,
  requestParameters,
  smoothingParameters,
} from "../../core/index.ts";
import { camelCased, choiceSchema, parameterFields, parameterSchema, settingsSchema } from "./declared.ts";
import { strict } from "./fields.ts";
import { tokenList } from "./list.ts";

/** Parameters that stand elsewhere in a request: beside `diffusion`, or as `diffusion.canvas`. */
const elsewhere: readonly string[] = [
  ...["temperature", "topP", "seed", "maxTokens", "topLogprobs"],
  ...["genLength"],
];

const own = Object.fromEntries(
  Object.entries(requestParameters).filter(([name]) => !elsewhere.includes(name)),
);

/** The fields under `diffusion`, as they were read: what a core's request calls otherwise has its own type. */
export interface DiffusionFields {
  readonly canvas?: number;
  readonly [field: string]: unknown;
}

/** @param decoders all that the server's models have */
export function diffusionSchema(decoders: readonly Declared[]): z.ZodType<DiffusionFields> {
  const schema = strict(
    {
      canvas: parameterSchema(requestParameters.genLength).optional(),
      decoder: choiceSchema(decoders).optional(),
      cache: choiceSchema(cachePolicies).optional(),
      smoothing: settingsSchema(smoothingParameters, "iteration smoothing; off unless given").optional(),
      stop_tokens: tokenList({
        maximum: maxStopTokens,
        help: "tokens that end the answer, beside the model's",
      }).optional(),
      ...parameterFields(own),
    },
    "how to decode",
  );
  return schema as z.ZodType<DiffusionFields>;
}

/** As the core has it, but for the canvas. */
export function diffusionRequest({ canvas: _, ...fields }: DiffusionFields): GenerateRequest {
  const request = camelCased(fields);
  for (const name of ["decoder", "cache", "smoothing"]) {
    const chosen = request[name];
    if (typeof chosen === "object" && chosen !== null) request[name] = camelCased(chosen) as Choice;
  }
  return request as GenerateRequest;
}
