/** Settings that are known to go together: by family as published, or by model as measured. */
import type { Choice } from "../declare/index.ts";
import { DiffusionError, found } from "../error.ts";
import { isJsonObject } from "../jsonObject.ts";

export const presetNames = ["quality", "balanced", "speed"] as const;
export type PresetName = (typeof presetNames)[number];

/** The part of a request that a preset decides. */
export interface Preset {
  readonly decoder: Choice;
  readonly cache?: Choice;
  readonly smoothing?: Readonly<Record<string, unknown>>;
  readonly blockLength?: number;
}

export interface Presets {
  /** Where the settings come from: a measurement, or a publication that nothing here has repeated. */
  readonly source: string;
  readonly settings: Readonly<Record<PresetName, Preset>>;
}

/**
 * Of models without a mask: the family's own sampler, and committing in parallel behind a prefix or a dual cache.
 * @param source of `quality`
 */
export function parallelPresets(source: string, quality: Preset): Presets {
  const decoder = { name: "threshold", threshold: 0.9 };
  return {
    source: `published: ${source}; Fast-dLLM (arXiv 2505.22618), section 4; not measured here`,
    settings: {
      quality,
      balanced: { decoder, cache: { name: "prefix" }, blockLength: 32 },
      speed: { decoder, cache: { name: "dual" }, blockLength: 32 },
    },
  };
}

/** Of block-causal models: one token a step, or all above the family's threshold. Nothing faster is published for them. */
export function blockPresets(source: string, maskBlock: number, threshold: number): Presets {
  const parallel = { decoder: { name: "thresholdTopN", threshold } };
  return {
    source: `published: ${source}, one token a step and at its threshold; not measured here`,
    settings: {
      quality: { decoder: { name: "fixed", steps: maskBlock } },
      balanced: parallel,
      speed: parallel,
    },
  };
}

const fields = ["decoder", "cache", "smoothing", "blockLength"];

/**
 * Presets from a model's own files: `{source, quality, balanced, speed}`.
 * @throws DiffusionError `invalid-file`
 */
export function readPresets(value: unknown, file: string): Presets {
  const fail = (what: string) =>
    new DiffusionError("invalid-file", `Cannot load the model as ${file} ${what}`);
  if (!isJsonObject(value)) throw fail(`has presets that are no object: found ${found(value)}`);
  const { source, ...settings } = value;
  if (typeof source !== "string") throw fail("has presets without a 'source'");
  const read = (name: PresetName): Preset => {
    const preset = settings[name];
    if (!isJsonObject(preset) || !isJsonObject(preset["decoder"]))
      throw fail(`has no preset '${name}' with a decoder`);
    const unknown = Object.keys(preset).find((field) => !fields.includes(field));
    if (unknown !== undefined) throw fail(`has a preset '${name}' with an unknown field: found '${unknown}'`);
    return preset as unknown as Preset;
  };
  return { source, settings: { quality: read("quality"), balanced: read("balanced"), speed: read("speed") } };
}
