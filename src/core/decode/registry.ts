import { credit } from "./credit.ts";
import type { Decoder } from "./decoder.ts";
import { dreamSchedule } from "./dreamSchedule.ts";
import { edit } from "./edit.ts";
import { entropy } from "./entropy.ts";
import { entropyBound } from "./entropyBound.ts";
import { factor } from "./factor.ts";
import { fixed } from "./fixed.ts";
import { hierarchical } from "./hierarchical.ts";
import { klass } from "./klass.ts";
import { linearSchedule } from "./linearSchedule.ts";
import { margin } from "./margin.ts";
import { quota } from "./quota.ts";
import { random } from "./random.ts";
import { threshold } from "./threshold.ts";
import { thresholdTopN } from "./thresholdTopN.ts";

/** The built-in decoders. A new one is a file beside these and a line here. */
export const decoders: readonly Decoder[] = [
  fixed,
  random,
  margin,
  entropy,
  dreamSchedule,
  linearSchedule,
  quota,
  threshold,
  thresholdTopN,
  factor,
  entropyBound,
  klass,
  hierarchical,
  credit,
  edit,
];
