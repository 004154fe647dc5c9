/**
 * Policies that make exactly the passes of published implementations, including passes on finished blocks. They serve the
 * comparison with recorded runs, not speed.
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
