/** How the next run decodes. */
import { computed, signal } from "@preact/signals";
import {
  accepts,
  type Choice,
  cachePolicies,
  defaultCache,
  defaultDecoder,
  type EngineInfo,
  type GenerateRequest,
  type Parameters,
  type PresetName,
  presetNames,
  requestParameters,
  smoothingParameters,
} from "../../src/core/index.ts";
import { validCaches, whyNoSmoothing } from "./validity.ts";

/** A decoder, a cache or smoothing: values that differ from the declared defaults. */
export type Values = Readonly<Record<string, unknown>>;

export interface Settings {
  readonly decoder: Choice;
  readonly cache: Choice;
  readonly smoothing: Values | null;
  /** Fields of the request itself; an absent one is the model's default. */
  readonly request: Values;
}

/** The request's own fields that the page offers. */
export const requestFields = ["genLength", "blockLength", "temperature", "seed"] as const;

/** The first decoder goes from coarse to fine, in steps that can be followed with the eye. */
export const settings = signal<Settings>({
  decoder: { name: "hierarchical" },
  cache: { name: "none" },
  smoothing: null,
  request: {},
});

/** Changes some settings, and those that the engine would refuse beside them. */
export function change(changed: Partial<Settings>, info: EngineInfo): void {
  const next = { ...settings.value, ...changed };
  const isCacheValid = validCaches(next.decoder, info).some(({ name }) => name === next.cache.name);
  settings.value = {
    ...next,
    cache: isCacheValid ? next.cache : { name: defaultCache(info.maskBlock) },
    smoothing: whyNoSmoothing(next.decoder, info) === undefined ? next.smoothing : null,
  };
}

/** The presets that differ from one another, with those of the same settings under one name. */
export function presetsOf({ presets }: EngineInfo): readonly PresetName[] {
  const seen = new Set<string>();
  return presetNames.filter((name) => {
    const text = JSON.stringify(presets.settings[name]);
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
}

export function applyPreset(name: PresetName, info: EngineInfo): void {
  const { decoder, cache, smoothing, ...rest } = info.presets.settings[name];
  const own = Object.entries(rest).filter(([field]) => (requestFields as readonly string[]).includes(field));
  const chosen = {
    decoder: decoder ?? { name: defaultDecoder },
    cache: cache ?? { name: defaultCache(info.maskBlock) },
    smoothing: smoothing ?? null,
    request: { ...settings.value.request, ...Object.fromEntries(own) },
  };
  change(chosen, info);
}

/** The declarations of the request's own fields, with the model's defaults. */
export function requestDeclarations({ defaults, context }: EngineInfo): Parameters {
  const { genLength, blockLength, temperature, seed } = requestParameters;
  return {
    genLength: { ...genLength, default: defaults.genLength, maximum: context },
    blockLength: { ...blockLength, default: defaults.blockLength },
    temperature,
    seed,
  };
}

export function decoderDeclarations({ name }: Choice, { decoders, defaults }: EngineInfo): Parameters {
  const parameters = decoders.find((each) => each.name === name)?.parameters ?? {};
  const own = parameters["threshold"];
  if (name !== defaultDecoder || defaults.threshold === undefined || own?.kind !== "number")
    return parameters;
  return { ...parameters, threshold: { ...own, default: defaults.threshold } };
}

export function cacheDeclarations({ name }: Choice): Parameters {
  return cachePolicies.find((each) => each.name === name)?.parameters ?? {};
}

/** Fields whose value the engine would refuse: a run has to wait for them. */
export function refusedFields(info: EngineInfo, { decoder, cache, smoothing, request }: Settings): string[] {
  const refused = (parameters: Parameters, values: Values) =>
    Object.entries(parameters)
      .filter(([name, parameter]) => values[name] !== undefined && !accepts(parameter, values[name]))
      .map(([name]) => name);
  return [
    ...refused(requestDeclarations(info), request),
    ...refused(decoderDeclarations(decoder, info), decoder),
    ...refused(cacheDeclarations(cache), cache),
    ...(smoothing ? refused(smoothingParameters, smoothing) : []),
  ];
}

/** The part of the request that settings decide. */
export const requestOfSettings = computed((): GenerateRequest => {
  const { decoder, cache, smoothing, request } = settings.value;
  return { ...request, decoder, cache, ...(smoothing && { smoothing }) };
});
