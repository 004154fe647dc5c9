/** Presets: combinations of settings, as published for a family or as measured for a model. */
import type { Choice } from "../declare/index.ts";
import { DiffusionError, found } from "../error.ts";
import { isJsonObject } from "../jsonObject.ts";

export const presetNames = ["quality", "balanced", "speed", "official"] as const;
export type PresetName = (typeof presetNames)[number];

/** The fields of a request that a preset sets. */
export interface Preset {
  readonly decoder: Choice;
  readonly cache?: Choice;
  readonly smoothing?: Readonly<Record<string, unknown>>;
  readonly genLength?: number;
  readonly blockLength?: number | null;
  readonly subBlockLength?: number;
  readonly trimLastBlock?: boolean;
  readonly endToken?: "pad" | "stop";
  readonly earlyStop?: boolean;
  readonly temperature?: number;
  readonly topP?: number;
  readonly greedy?: boolean;
  readonly confidenceFrom?: "raw" | "sampling";
}

export interface Presets {
  /** The origin of the settings: a measurement, or a publication whose results have not been repeated here. */
  readonly source: string;
  /** `official` is the family's own sampler with the defaults of its published code. */
  readonly settings: Readonly<Record<PresetName, Preset>>;
}

/** The published settings of a family. */
interface Published {
  /** The origin of `quality` and `official`. */
  readonly source: string;
  readonly official: Preset;
}

/** Presets of bidirectional models: the family's own sampler, and parallel decoding with a prefix or a dual cache. */
export function parallelPresets({
  source,
  quality,
  official,
}: Published & { readonly quality: Preset }): Presets {
  const decoder = { name: "threshold", threshold: 0.9 };
  return {
    source: `published: ${source}; Fast-dLLM (arXiv 2505.22618), section 4; not measured here`,
    settings: {
      quality,
      balanced: { decoder, cache: { name: "prefix" }, blockLength: 32 },
      speed: { decoder, cache: { name: "dual" }, blockLength: 32 },
      official,
    },
  };
}

/** Presets of block-causal models: one token per step, or all above a threshold. For most, nothing faster is published. */
export function blockPresets(
  maskBlock: number,
  { source, threshold, official }: Published & { readonly threshold: number },
): Presets {
  const parallel = { decoder: { name: "thresholdTopN", threshold } };
  return {
    source: `published: ${source}; not measured here`,
    settings: {
      quality: { decoder: { name: "fixed", steps: maskBlock } },
      balanced: parallel,
      speed: parallel,
      official,
    },
  };
}

/** The names of the fields. */
export const presetFields: readonly string[] = [
  "decoder",
  "cache",
  "smoothing",
  "genLength",
  "blockLength",
  "subBlockLength",
  "trimLastBlock",
  "endToken",
  "earlyStop",
  "temperature",
  "topP",
  "greedy",
  "confidenceFrom",
] satisfies readonly (keyof Preset)[];

/**
 * Reads presets from a model's own files: `{source, quality, balanced, speed, official?}`. An absent `official` comes from
 * the family.
 * @throws DiffusionError `invalid-file`
 */
export function readPresets(value: unknown, file: string, family: Presets): Presets {
  const fail = (problem: string) =>
    new DiffusionError("invalid-file", `Cannot load the model as ${file} ${problem}`);
  if (!isJsonObject(value)) throw fail(`must have an object of presets: found ${found(value)}`);
  const { source, ...settings } = value;
  if (typeof source !== "string") throw fail("has presets without a 'source'");
  const read = (name: PresetName): Preset => {
    const preset = settings[name];
    if (!isJsonObject(preset) || !isJsonObject(preset["decoder"]))
      throw fail(`has no preset '${name}' with a decoder`);
    const unknown = Object.keys(preset).find((field) => !presetFields.includes(field));
    if (unknown !== undefined) throw fail(`has a preset '${name}' with an unknown field: found '${unknown}'`);
    return preset as unknown as Preset;
  };
  const named = { quality: read("quality"), balanced: read("balanced"), speed: read("speed") };
  if (settings["official"] !== undefined)
    return { source, settings: { ...named, official: read("official") } };
  const { official } = family.settings;
  return { source: `${source}; official: as published for the family`, settings: { ...named, official } };
}
