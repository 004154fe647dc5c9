/** The field `diffusion` of a request: all parameters that the core declares and OpenAI's API does not have. */
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
import { tokenArray } from "./array.ts";
import { camelCased, choiceSchema, parameterFields, parameterSchema, settingsSchema } from "./declared.ts";
import { strict } from "./fields.ts";

/** Parameters with a field of their own: top-level fields, and `genLength`, which is `diffusion.canvas`. */
const elsewhere: readonly string[] = ["temperature", "topP", "seed", "maxTokens", "topLogprobs", "genLength"];

const own = Object.fromEntries(
  Object.entries(requestParameters).filter(([name]) => !elsewhere.includes(name)),
);

/** The validated fields under `diffusion`. Only `canvas`, which is `genLength` in the core, needs a type. */
export interface DiffusionFields {
  readonly canvas?: number;
  readonly [field: string]: unknown;
}

/** @param decoders all decoders of the server's models */
export function diffusionSchema(decoders: readonly Declared[]): z.ZodType<DiffusionFields> {
  const schema = strict(
    {
      canvas: parameterSchema(requestParameters.genLength).optional(),
      decoder: choiceSchema(decoders).optional(),
      cache: choiceSchema(cachePolicies).optional(),
      smoothing: settingsSchema(smoothingParameters, "iteration smoothing; off by default").optional(),
      stop_tokens: tokenArray({
        maxItems: maxStopTokens,
        help: "tokens that end the answer, in addition to the model's stop tokens",
      }).optional(),
      ...parameterFields(own),
    },
    "how to decode",
  );
  return schema as z.ZodType<DiffusionFields>;
}

/** Converts the fields to the core's request, without the canvas. */
export function diffusionRequest({ canvas: _, ...fields }: DiffusionFields): GenerateRequest {
  const request = camelCased(fields);
  for (const name of ["decoder", "cache", "smoothing"]) {
    const chosen = request[name];
    if (typeof chosen === "object" && chosen !== null) request[name] = camelCased(chosen) as Choice;
  }
  return request as GenerateRequest;
}
