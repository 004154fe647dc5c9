/** Validates a request, except its prompt. */
import { cachePolicies, suitsDecoder } from "../../cache/index.ts";
import { bind, type Choice, type Parameters, type ValuesOf, validate } from "../../declare/index.ts";
import type { Decoder } from "../../decode/index.ts";
import { type SequenceOptions, smoothingParameters } from "../../diffusion/index.ts";
import { DiffusionError, found } from "../../error.ts";
import type { Model, PresetName } from "../../model/index.ts";
import { couplingLayersOf } from "./couplings.ts";
import { readStopTokens, readToken, requireObject } from "./readValues.ts";
import { type GenerateRequest, type ModelOverrides, requestParameters } from "./request.ts";

/** Fields that are not in `requestParameters` and are validated elsewhere. */
const otherFields: ReadonlySet<string> = new Set([
  "messages",
  "prompt",
  "tokens",
  "infill",
  "draft",
  "decoder",
  "cache",
  "smoothing",
  "stop",
  "stopTokens",
  "overrides",
] satisfies (keyof GenerateRequest)[]);

/** The validated options of a request: how to decode, and the layout of the canvas without its text. */
export interface RequestOptions
  extends Omit<SequenceOptions, "canvas" | "origin" | "forbidden" | "holdsStopString" | "prefillTokens"> {
  readonly genLength: number;
  readonly maxTokens: number | null;
  readonly blockLength: number;
  readonly alignBlocksToGrid: boolean;
  readonly trimLastBlock: boolean;
  readonly subBlockLength: number | null;
  readonly seeded: boolean;
  /** The given token at the answer's last position; undefined for none. */
  readonly endToken: number | undefined;
  readonly cfgScale: number;
  readonly priority: number;
  readonly deadlineMs: number | null;
  readonly gridOrigin: "zero" | "prompt";
}

/** @throws DiffusionError `invalid-request` */
export function readRequest(
  given: GenerateRequest,
  model: Model,
  decoders: readonly Decoder[],
): RequestOptions {
  const request = withPreset(given, model);
  const overrides = request.overrides ?? {};
  requireObject("overrides", overrides);
  const { maskToken, stopTokens, padToken, ...geometry } = overrides;
  const mask = readToken("overrides.maskToken", maskToken);
  const stops =
    stopTokens === undefined ? model.stopTokens : readStopTokens("overrides.stopTokens", stopTokens, model);
  const ends = { pad: readToken("overrides.padToken", padToken) ?? model.padToken, stop: stops[0] };
  const { maskBlock = model.maskBlock, origin = model.origin } = readGeometry(geometry);
  const values = validate("request", requestParameters, declaredFields(request, model));
  const {
    temperature,
    topK,
    topP,
    minP,
    seed,
    greedy,
    confidenceFrom,
    preset: _,
    endToken,
    ...rest
  } = values;
  const decoder = bind("decoder", decoders, chooseDecoder(request.decoder, model));
  const options: RequestOptions = {
    ...rest,
    blockLength: rest.blockLength ?? (maskBlock === Infinity ? rest.genLength : maskBlock),
    sampling: { temperature, topK, topP, minP, seed, greedy, confidenceFrom },
    decoder,
    couplingLayers: couplingLayersOf(decoder, model),
    cache: bind("cache", cachePolicies, chooseCache(request.cache, maskBlock)),
    smoothing: readOptional("smoothing", smoothingParameters, request.smoothing),
    maskToken: mask ?? model.maskToken,
    stopTokens: union(stops, readStopTokens("stopTokens", request.stopTokens, model)),
    endToken: endToken === null ? undefined : ends[endToken],
    maskBlock,
    gridOrigin: origin,
    shift: model.shift,
    seeded: model.seeded,
  };
  if (options.stopTokens.includes(options.maskToken)) {
    const message = `Cannot run the request as its stop tokens must not contain the mask token: found ${options.maskToken}`;
    throw new DiffusionError("invalid-request", message);
  }
  if (endToken !== null) requireEndToken(endToken, options);
  requireCompatible(options, request);
  return options;
}

/** The decoder, cache policy and smoothing of a request. */
export interface DecodingConfig {
  readonly decoder: Choice;
  readonly cache: Choice;
  readonly smoothing: NonNullable<GenerateRequest["smoothing"]> | null;
}

/** The defaults of a model. An `EngineInfo` has them too. */
type ModelDefaults = Pick<Model, "presets" | "defaults" | "maskBlock">;

/** The decoding of a request: its own settings, otherwise those of its preset, otherwise the model's. */
export function decodingConfig(given: GenerateRequest, model: ModelDefaults): DecodingConfig {
  const { decoder, cache, smoothing, overrides } = withPreset(given, model);
  return {
    decoder: chooseDecoder(decoder, model),
    cache: chooseCache(cache, overrides?.maskBlock ?? model.maskBlock),
    smoothing: smoothing ?? null,
  };
}

/** The positions of the answer: those of the request, otherwise of its preset, otherwise of the model. */
export function genLengthOf(given: GenerateRequest, model: Pick<Model, "presets" | "defaults">): number {
  return withPreset(given, model).genLength ?? model.defaults.genLength;
}

function withPreset(given: GenerateRequest, model: Pick<Model, "presets">): GenerateRequest {
  requireObject("request", given);
  const { preset } = validate("request", presetParameter, { preset: given.preset });
  return { ...presetOf(preset, given, model), ...given };
}

const presetParameter = { preset: requestParameters.preset };

/** The request's own fields and the model's defaults, as far as `requestParameters` declares them. */
function declaredFields(request: GenerateRequest, { defaults }: Model): Readonly<Record<string, unknown>> {
  const declared: Record<string, unknown> = {
    genLength: defaults.genLength,
    blockLength: defaults.blockLength,
  };
  for (const name in request) {
    if (!otherFields.has(name)) declared[name] = request[name as keyof GenerateRequest];
  }
  return declared;
}

/** The default preset applies only to requests without these fields. */
const decodingFields = ["decoder", "cache", "smoothing"] as const;

/** The preset's fields that apply to infilling requests, which have no blocks and use no cache. */
const infillPresetFields = ["decoder", "temperature", "topP", "greedy", "confidenceFrom"];

/** The settings of the preset that the request selects, or of the default preset. */
function presetOf(
  chosen: PresetName | null,
  request: GenerateRequest,
  { presets }: Pick<Model, "presets">,
): Partial<GenerateRequest> {
  const hasOwnDecoding = decodingFields.some((field) => request[field] !== undefined);
  const name = chosen ?? (hasOwnDecoding ? undefined : "balanced");
  if (name === undefined) return {};
  const preset = presets.settings[name];
  if (request.infill === undefined) return preset;
  return Object.fromEntries(Object.entries(preset).filter(([field]) => infillPresetFields.includes(field)));
}

/** The decoder of requests without a decoder and without a preset. */
export const defaultDecoder = "threshold";

/** The decoder of a request. The model's threshold replaces the declared default. */
function chooseDecoder(choice: Choice | undefined, { defaults }: ModelDefaults): Choice {
  const chosen = choice ?? { name: defaultDecoder };
  const own = chosen.name === defaultDecoder && defaults.threshold !== undefined;
  return own ? { threshold: defaults.threshold, ...chosen } : chosen;
}

function chooseCache(choice: Choice | undefined, maskBlock: number): Choice {
  return choice ?? { name: defaultCache(maskBlock) };
}

/** The cache policy of requests without a cache and without a preset: one that never goes stale. */
export function defaultCache(maskBlock: number): string {
  return maskBlock === Infinity ? "none" : "block";
}

/** @throws DiffusionError `invalid-request` if the model does not have the token, or is block-causal */
function requireEndToken(name: string, { endToken, maskBlock }: RequestOptions): void {
  const refuse = (why: string) =>
    new DiffusionError("invalid-request", `Cannot end the answer with the token '${name}' as ${why}`);
  if (endToken === undefined) throw refuse("the model has no such token");
  if (maskBlock !== Infinity)
    throw refuse("the model is block-causal: no earlier position would see the token");
}

/** Rejects combinations of options that are valid only on their own. @throws DiffusionError `invalid-request` */
function requireCompatible(options: RequestOptions, request: GenerateRequest): void {
  const { smoothing, decoder, cache, maskBlock, cfgScale } = options;
  const { name, smoothed, needs, gather, lookAhead, transferCount } = decoder.declaration;
  const policy = cache.declaration;
  const refuse = (what: string, why: string) =>
    new DiffusionError("invalid-request", `Cannot ${what} as ${why}`);
  const causal = maskBlock !== Infinity;
  if (policy.blockCausal && !causal) {
    throw refuse(`use cache '${policy.name}'`, "the model is bidirectional: the cache would go stale");
  }
  if (needs?.includes("shadow") && causal)
    throw refuse(`use decoder '${name}'`, "the model is block-causal: a shadow must see what its block sees");
  if (needs?.includes("shadow") && options.shift > 0) {
    const why = "the model predicts a position from the one before it, whose shadow would see the token";
    throw refuse(`use decoder '${name}'`, why);
  }
  if (!suitsDecoder(policy, decoder.declaration)) {
    const beside = needs?.includes("shadow") ? "a shadow" : lookAhead && "branches";
    const why = beside
      ? `the passes of cache '${policy.name}' have no place for ${beside}`
      : `cache '${policy.name}' goes stale when the decoder replaces tokens`;
    throw refuse(`use decoder '${name}'`, why);
  }
  if (lookAhead) {
    const other = needs?.find((need) => need !== "known") ?? (transferCount && "transferCount");
    if (other) throw refuse(`use decoder '${name}'`, `it looks ahead, which excludes '${other}'`);
    if (smoothing) throw refuse("smooth iterations", `decoder '${name}' looks ahead`);
  }
  const { temperature, topK, topP, minP = 0, confidenceFrom } = options.sampling;
  if (gather && temperature > 0 && (topK > 0 || topP < 1 || minP > 0)) {
    throw refuse(`use decoder '${name}'`, "it would choose tokens that 'topK', 'topP' and 'minP' exclude");
  }
  if (gather && confidenceFrom === "sampling") {
    throw refuse(
      `use decoder '${name}' with confidenceFrom 'sampling'`,
      "it computes confidences from the raw logits",
    );
  }
  if (request.infill && causal) {
    throw refuse("infill", "the model is block-causal: a hole would not see the text after it");
  }
  if (request.draft && causal) throw refuse("start from a draft", "the model is block-causal");
  if (request.draft && request.infill) throw refuse("start from a draft", "the request has 'infill'");
  for (const field of request.infill ? fieldsExcludedByInfill : []) {
    if (isSet(field, request[field])) throw refuse("infill", `'${field}' does not apply to holes`);
  }
  if (options.alignBlocksToGrid && causal)
    throw refuse("align blocks to the grid", "the model is block-causal: its blocks are on a grid already");
  if (options.trimLastBlock && !causal)
    throw refuse(
      "trim the last block",
      "the model is bidirectional: its last block ends with the answer already",
    );
  if (request.infill && cfgScale > 0)
    throw refuse("infill", "guidance applies only to prompts, not to holes");
  if (!smoothing) return;
  if (causal) throw refuse("smooth iterations", "the model is block-causal");
  if (!smoothed)
    throw refuse("smooth iterations", `decoder '${name}' has no threshold that smoothing can replace`);
  if (decoder.parameters[smoothed] === null) {
    throw refuse("smooth iterations", `decoder '${name}' must have a '${smoothed}': found null`);
  }
}

/**
 * Fields for the layout and the end of an answer. Infilling requests exclude them, as holes have their own lengths, and all
 * holes are filled.
 */
export const fieldsExcludedByInfill = [
  "genLength",
  "blockLength",
  "subBlockLength",
  "alignBlocksToGrid",
  "trimLastBlock",
  "endToken",
  "earlyStop",
  "maxTokens",
  "stop",
] as const satisfies readonly (keyof GenerateRequest)[];

/** Whether a field has an effect: undefined, null, an empty list and the default have none. */
function isSet(field: (typeof fieldsExcludedByInfill)[number], value: unknown): boolean {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return false;
  return (
    (field !== "alignBlocksToGrid" && field !== "trimLastBlock" && field !== "earlyStop") ||
    value !== requestParameters[field].default
  );
}

/** @throws DiffusionError `invalid-request` */
function readGeometry({
  maskBlock,
  origin,
  ...rest
}: ModelOverrides): Pick<ModelOverrides, "maskBlock" | "origin"> {
  const [unknown] = Object.keys(rest);
  const fail = (what: string) => new DiffusionError("invalid-request", `Cannot run the request as ${what}`);
  if (unknown !== undefined) throw fail(`'overrides' has no field '${unknown}'`);
  if (origin !== undefined && origin !== "zero" && origin !== "prompt") {
    throw fail(`'overrides.origin' must be 'zero' or 'prompt': found ${found(origin)}`);
  }
  const valid =
    maskBlock === undefined || maskBlock === Infinity || (Number.isSafeInteger(maskBlock) && maskBlock > 0);
  if (!valid)
    throw fail(`'overrides.maskBlock' must be a positive integer or Infinity: found ${found(maskBlock)}`);
  return { ...(maskBlock === undefined ? {} : { maskBlock }), ...(origin === undefined ? {} : { origin }) };
}

/** Two lists without repetitions as one. */
function union(first: readonly number[], second: readonly number[]): readonly number[] {
  return second.length === 0 ? first : [...new Set([...first, ...second])];
}

function readOptional<const P extends Parameters>(
  name: string,
  parameters: P,
  values: Readonly<Record<string, unknown>> | null | undefined,
): ValuesOf<P> | undefined {
  if (values === undefined || values === null) return undefined;
  requireObject(name, values);
  return validate(name, parameters, values);
}
