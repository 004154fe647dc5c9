/**
 * Cache policies for runs that were recorded with published implementations. Mode `reference` repeats every pass of the
 * implementation; mode `default` uses this project's policy of the same name.
 */
import { type Choice, DiffusionError } from "../../core/index.ts";

export type RecordedMode = "default" | "reference";

/** The names of the policies that repeat a published implementation's passes, by the name of the cache. */
const referencePolicies: Readonly<Record<string, string>> = {
  none: "dInferNone",
  prefix: "dInferPrefix",
  dual: "dInferDual",
  vicinity: "dInferVicinity",
  block: "dInferBlock",
  subBlock: "fastDllmSubBlock",
};

/**
 * The cache policy of a recorded run, with the run's parameters.
 * @throws DiffusionError `invalid-request` in mode `reference` if the cache has no reference policy
 */
export function recordedCache(cache: Choice, mode: RecordedMode): Choice {
  if (mode === "default") return cache;
  const name = referencePolicies[cache.name];
  if (name !== undefined) return { ...cache, name };
  const known = Object.keys(referencePolicies).join(", ");
  const message = `Cannot run the request in reference mode as its cache must be one of ${known}: found "${cache.name}"`;
  throw new DiffusionError("invalid-request", message);
}
