/** How the next runs decode: settings of each lane, and what the lanes share. */
import { computed, type Signal, signal } from "@preact/signals";
import {
  type Choice,
  defaultCache,
  defaultDecoder,
  type EngineInfo,
  type GenerateRequest,
  type PresetName,
  presetNames,
  smoothingParameters,
} from "../../src/core/index.ts";
import { type Lane, laneNames } from "../run/index.ts";
import {
  cacheDeclarations,
  decoderDeclarations,
  laneDeclarations,
  laneFields,
  refusedOf,
  sharedDeclarations,
  sharedFields,
  type Values,
} from "./declarations.ts";
import { validCaches, whyNoSmoothing } from "./validity.ts";

/** The settings of a lane. */
export interface Settings {
  readonly decoder: Choice;
  readonly cache: Choice;
  readonly smoothing: Values | null;
  /** The lane's own fields of the request (`laneFields`); an absent one is the model's default. */
  readonly request: Values;
}

/** By lane. The first decoder goes from coarse to fine, in steps that can be followed with the eye; the second is the plain one. */
export const laneSettings: readonly [Signal<Settings>, Signal<Settings>] = [
  signal({ decoder: { name: "hierarchical" }, cache: { name: "none" }, smoothing: null, request: {} }),
  signal({ decoder: { name: "fixed" }, cache: { name: "none" }, smoothing: null, request: {} }),
];
/** The settings of the first lane. */
export const settings = laneSettings[0];
/** The request's fields that all lanes have in common (`sharedFields`); an absent one is the model's default. */
export const shared = signal<Values>({});
/** Whether the next runs are two, side by side. */
export const isComparing = signal(false);

export const activeLanes = computed((): readonly Lane[] => (isComparing.value ? [0, 1] : [0]));

/** Changes some settings of a lane, and those that the engine would refuse beside them. */
export function change(changed: Partial<Settings>, info: EngineInfo, lane: Lane = 0): void {
  const next = { ...laneSettings[lane].value, ...changed };
  const isCacheValid = validCaches(next.decoder, info).some(({ name }) => name === next.cache.name);
  laneSettings[lane].value = {
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

export function applyPreset(name: PresetName, info: EngineInfo, lane: Lane = 0): void {
  const { decoder, cache, smoothing, ...rest } = info.presets.settings[name];
  const fieldsOf = (fields: readonly string[]) =>
    Object.fromEntries(Object.entries(rest).filter(([field]) => fields.includes(field)));
  const chosen = {
    decoder: decoder ?? { name: defaultDecoder },
    cache: cache ?? { name: defaultCache(info.maskBlock) },
    smoothing: smoothing ?? null,
    request: { ...laneSettings[lane].value.request, ...fieldsOf(laneFields) },
  };
  change(chosen, info, lane);
  shared.value = { ...shared.value, ...fieldsOf(sharedFields) };
}

/** Fields whose value the engine would refuse: a run has to wait for them. With two lanes, the lane is named. */
export function refusedFields(info: EngineInfo): string[] {
  const own = activeLanes.value.flatMap((lane) => {
    const { decoder, cache, smoothing, request } = laneSettings[lane].value;
    const refused = [
      ...refusedOf(laneDeclarations(info), request),
      ...refusedOf(decoderDeclarations(decoder, info), decoder),
      ...refusedOf(cacheDeclarations(cache), cache),
      ...(smoothing ? refusedOf(smoothingParameters, smoothing) : []),
    ];
    return isComparing.value ? refused.map((name) => `${name} of ${laneNames[lane]}`) : refused;
  });
  return [...refusedOf(sharedDeclarations(info), shared.value), ...own];
}

/** The part of a lane's request that settings decide. */
export function requestOfSettings(lane: Lane = 0): GenerateRequest {
  const { decoder, cache, smoothing, request } = laneSettings[lane].value;
  return { ...shared.value, ...request, decoder, cache, ...(smoothing && { smoothing }) };
}
