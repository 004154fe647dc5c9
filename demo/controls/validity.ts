/** Which decoders, caches and smoothing go together with a model: what the engine would refuse is not offered. */
import {
  type CachePolicy,
  type Choice,
  cachePolicies,
  decoders,
  suitsDecoder,
} from "../../src/core/index.ts";

/** The part of `EngineInfo` that decides. */
interface Geometry {
  /** Infinity where the model is bidirectional. */
  readonly maskBlock: number;
}

export function validCaches(decoder: Choice, { maskBlock }: Geometry): readonly CachePolicy[] {
  const declaration = decoders.find(({ name }) => name === decoder.name) ?? {};
  return cachePolicies.filter((policy) => {
    return (!policy.blockCausal || maskBlock !== Infinity) && suitsDecoder(policy, declaration);
  });
}

/** Why iteration smoothing cannot be used; undefined if it can. */
export function whyNoSmoothing(decoder: Choice, { maskBlock }: Geometry): string | undefined {
  if (maskBlock !== Infinity) return "Smoothing needs a bidirectional model.";
  const declaration = decoders.find(({ name }) => name === decoder.name);
  const followed = declaration?.smoothed;
  if (!declaration || followed === undefined) {
    return `Smoothing needs a decoder with a threshold, and ${decoder.name} has none.`;
  }
  const value =
    decoder[followed] === undefined ? declaration.parameters[followed]?.default : decoder[followed];
  return value === null ? `Smoothing needs a value for ${followed}.` : undefined;
}
