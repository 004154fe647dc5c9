/**
 * Policies that make the passes of published implementations one for one, those on finished blocks included: for
 * comparison with their recorded runs, not for speed.
 */
import type { CachePolicy } from "../policy.ts";
import { dInferBlock } from "./dInferBlock.ts";
import { dInferDual } from "./dInferDual.ts";
import { dInferNone } from "./dInferNone.ts";
import { dInferPrefix } from "./dInferPrefix.ts";
import { dInferVicinity } from "./dInferVicinity.ts";
import { fastDllmSubBlock } from "./fastDllmSubBlock.ts";

export const referencePolicies: readonly CachePolicy[] = [
  dInferNone,
  dInferPrefix,
  dInferDual,
  dInferVicinity,
  dInferBlock,
  fastDllmSubBlock,
];
