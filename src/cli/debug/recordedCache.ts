/** The cache policies of recorded runs, whose `mode` says whether every pass of the published implementation is made. */
import { type Choice, DiffusionError } from "../../core/index.ts";

export type RecordedMode = "default" | "reference";

/** By cache: the policy that makes the published implementation's passes. */
const referencePolicyOf: Readonly<Record<string, string>> = {
  none: "dInferNone",
  prefix: "dInferPrefix",
  dual: "dInferDual",
  vicinity: "dInferVicinity",
  block: "dInferBlock",
  subBlock: "fastDllmSubBlock",
};

/**
 * The policy of a recorded run, with the run's parameters.
 * @throws DiffusionError `invalid-request` for a reference run of a cache that has no published passes
 */
export function recordedCache(cache: Choice, mode: RecordedMode): Choice {
  if (mode === "default") return cache;
  const name = referencePolicyOf[cache.name];
  if (name !== undefined) return { ...cache, name };
  const known = Object.keys(referencePolicyOf).join(", ");
  const message = `Cannot run the request in reference mode as its cache must be one of ${known}: found "${cache.name}"`;
  throw new DiffusionError("invalid-request", message);
}
