/** Validates all of a request but its prompt. */
import { cachePolicies } from "../../cache/index.ts";
import { bind, type Choice, type Parameters, type ValuesOf, validate } from "../../declare/index.ts";
import type { Decoder } from "../../decode/index.ts";
import { type SequenceOptions, smoothingParameters } from "../../diffusion/index.ts";
import { DiffusionError, found } from "../../error.ts";
import type { Model, PresetName } from "../../model/index.ts";
import { readStopTokens, readToken, requireObject } from "./readValues.ts";
import { type GenerateRequest, type ModelOverrides, requestParameters } from "./request.ts";

/** Fields that are checked elsewhere than against `requestParameters`. */
const otherFields = [
  ...(["messages", "prompt", "tokens", "infill", "draft"] as const),
  ...(["decoder", "cache", "smoothing", "stop", "stopTokens", "overrides"] as const),
] as const satisfies readonly (keyof GenerateRequest)[];

/** What the request says of how to decode, and of the canvas all but its text. */
export interface RequestOptions
  extends Omit<SequenceOptions, "canvas" | "origin" | "forbidden" | "holdsStopString" | "prefillTokens"> {
  readonly genLength: number;
  readonly maxTokens: number | null;
  readonly blockLength: number;
  readonly alignBlocksToGrid: boolean;
  readonly trimLastBlock: boolean;
  readonly subBlockLength: number | null;
  readonly seeded: boolean;
  /** The token that stands at the answer's last position from the start. */
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
  const own = Object.entries(request).filter(([name]) => !(otherFields as readonly string[]).includes(name));
  const overrides = request.overrides ?? {};
  requireObject("overrides", overrides);
  const { maskToken, stopTokens, padToken, ...geometry } = overrides;
  const mask = readToken("overrides.maskToken", maskToken);
  const stops =
    stopTokens === undefined ? model.stopTokens : readStopTokens("overrides.stopTokens", stopTokens, model);
  const ends = { pad: readToken("overrides.padToken", padToken) ?? model.padToken, stop: stops[0] };
  const { maskBlock = model.maskBlock, origin = model.origin } = readGeometry(geometry);
  const { genLength: defaultLength, blockLength: defaultBlock } = model.defaults;
  const defaults = { genLength: defaultLength, blockLength: defaultBlock };
  const values = validate("request", requestParameters, { ...defaults, ...Object.fromEntries(own) });
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
  const options: RequestOptions = {
    ...rest,
    blockLength: rest.blockLength ?? (maskBlock === Infinity ? rest.genLength : maskBlock),
    sampling: { temperature, topK, topP, minP, seed, greedy, confidenceFrom },
    decoder: bind("decoder", decoders, chooseDecoder(request.decoder, model)),
    cache: bind("cache", cachePolicies, chooseCache(request.cache, maskBlock)),
    smoothing: readOptional("smoothing", smoothingParameters, request.smoothing),
    maskToken: mask ?? model.maskToken,
    stopTokens: [...new Set([...stops, ...readStopTokens("stopTokens", request.stopTokens, model)])],
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
  requireCombination(options, request);
  return options;
}

/** What a request decodes with. */
export interface DecodingConfig {
  readonly decoder: Choice;
  readonly cache: Choice;
  readonly smoothing: NonNullable<GenerateRequest["smoothing"]> | null;
}

/** What of a model decides where a request does not; an `EngineInfo` has it too. */
type ChoosingModel = Pick<Model, "presets" | "defaults" | "maskBlock">;

/** The request's own choices, where it has none its preset's, and the model's behind both. */
export function decodingConfig(given: GenerateRequest, model: ChoosingModel): DecodingConfig {
  const { decoder, cache, smoothing, overrides } = withPreset(given, model);
  return {
    decoder: chooseDecoder(decoder, model),
    cache: chooseCache(cache, overrides?.maskBlock ?? model.maskBlock),
    smoothing: smoothing ?? null,
  };
}

/** Positions of the answer: the request's, where it has none its preset's, and the model's behind both. */
export function genLengthOf(given: GenerateRequest, model: Pick<Model, "presets" | "defaults">): number {
  return withPreset(given, model).genLength ?? model.defaults.genLength;
}

function withPreset(given: GenerateRequest, model: Pick<Model, "presets">): GenerateRequest {
  requireObject("request", given);
  const { preset } = validate("request", { preset: requestParameters.preset }, { preset: given.preset });
  return { ...presetOf(preset, given, model), ...given };
}

const decisive = ["decoder", "cache", "smoothing"] as const;

/** What holes take of a preset: they have their own lengths, and are filled without a cache. */
const ofHoles = ["decoder", "temperature", "topP", "greedy", "confidenceFrom"];

/** What the preset says that the request names or that it gets by default. */
function presetOf(
  chosen: PresetName | null,
  request: GenerateRequest,
  { presets }: Pick<Model, "presets">,
): Partial<GenerateRequest> {
  const decided = decisive.some((field) => request[field] !== undefined);
  const name = chosen ?? (decided ? undefined : "balanced");
  if (name === undefined) return {};
  const preset = presets.settings[name];
  if (request.infill === undefined) return preset;
  return Object.fromEntries(Object.entries(preset).filter(([field]) => ofHoles.includes(field)));
}

/** What decodes where a request names no decoder. */
export const defaultDecoder = "threshold";

/** The model's own threshold comes before the declared one. */
function chooseDecoder(choice: Choice | undefined, { defaults }: ChoosingModel): Choice {
  const chosen = choice ?? { name: defaultDecoder };
  const own = chosen.name === defaultDecoder && defaults.threshold !== undefined;
  return own ? { threshold: defaults.threshold, ...chosen } : chosen;
}

function chooseCache(choice: Choice | undefined, maskBlock: number): Choice {
  return choice ?? { name: defaultCache(maskBlock) };
}

/** What is cached where a request names no policy: nothing that could go stale. */
export function defaultCache(maskBlock: number): string {
  return maskBlock === Infinity ? "none" : "block";
}

/** @throws DiffusionError `invalid-request` where the model has no such token, or no place for it */
function requireEndToken(name: string, { endToken, maskBlock }: RequestOptions): void {
  const refuse = (why: string) =>
    new DiffusionError("invalid-request", `Cannot close the answer with '${name}' as ${why}`);
  if (endToken === undefined) throw refuse("the model names no such token");
  if (maskBlock !== Infinity) throw refuse("the model is block-causal: nothing before it would see it");
}

/** Refuses what is valid in its parts and not together, with the reason. */
function requireCombination(options: RequestOptions, request: GenerateRequest): void {
  const { smoothing, decoder, cache, maskBlock, cfgScale } = options;
  const { name, smoothed, needs, gather } = decoder.declaration;
  const policy = cache.declaration;
  const refuse = (what: string, why: string) =>
    new DiffusionError("invalid-request", `Cannot ${what} as ${why}`);
  const causal = maskBlock !== Infinity;
  if (policy.blockCausal && !causal) {
    throw refuse(`use cache '${policy.name}'`, "the model is bidirectional: it would go stale");
  }
  if (needs?.includes("known") && !policy.exact) {
    throw refuse(`use decoder '${name}'`, `cache '${policy.name}' goes stale when tokens are overwritten`);
  }
  const { temperature, topK, topP, minP = 0, confidenceFrom } = options.sampling;
  if (gather && temperature > 0 && (topK > 0 || topP < 1 || minP > 0)) {
    throw refuse(
      `use decoder '${name}'`,
      "it would raise tokens again that 'topK', 'topP' and 'minP' leave out",
    );
  }
  if (gather && confidenceFrom === "sampling") {
    throw refuse(`use decoder '${name}' with sampled scores`, "it makes its own of the plain logits");
  }
  if (request.infill && causal) {
    throw refuse("infill", "the model is block-causal: a hole would not see the text behind it");
  }
  if (request.draft && causal) throw refuse("start from a draft", "the model is block-causal");
  if (request.draft && request.infill) throw refuse("start from a draft", "the request has holes to fill");
  for (const field of request.infill ? refusedBesideHoles : []) {
    if (saysSomething(field, request[field]))
      throw refuse("infill", `'${field}' has no meaning beside holes`);
  }
  if (options.alignBlocksToGrid && causal)
    throw refuse("align blocks", "the model's own blocks are on a grid");
  if (options.trimLastBlock && !causal)
    throw refuse("cut the last block", "only a block-causal model has blocks that go on");
  if (request.infill && cfgScale > 0)
    throw refuse("guide the generation", "only prompts can be guided, not holes");
  if (!smoothing) return;
  if (causal) throw refuse("smooth iterations", "the model is block-causal");
  if (!smoothed) throw refuse("smooth iterations", `decoder '${name}' has no threshold for it to follow`);
  if (decoder.parameters[smoothed] === null) {
    throw refuse("smooth iterations", `decoder '${name}' needs its '${smoothed}' for it`);
  }
}

/** Fields that say how an answer's canvas is made and where the answer ends: holes have lengths of their own, and all of them are filled. */
export const refusedBesideHoles = [
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

/** Whether a field asks for something: absent, null, an empty list and the default do not. */
function saysSomething(field: (typeof refusedBesideHoles)[number], value: unknown): boolean {
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
    throw fail(`'overrides.origin' must be zero or prompt: found ${found(origin)}`);
  }
  const valid =
    maskBlock === undefined || maskBlock === Infinity || (Number.isSafeInteger(maskBlock) && maskBlock > 0);
  if (!valid)
    throw fail(`'overrides.maskBlock' must be a positive integer or Infinity: found ${found(maskBlock)}`);
  return { ...(maskBlock === undefined ? {} : { maskBlock }), ...(origin === undefined ? {} : { origin }) };
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
