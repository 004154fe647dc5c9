import { DiffusionError, found } from "../error.ts";
import { credit } from "./credit.ts";
import { dawn } from "./dawn.ts";
import type { Decoder } from "./decoder.ts";
import { dreamSchedule } from "./dreamSchedule.ts";
import { edit } from "./edit.ts";
import { entropy } from "./entropy.ts";
import { entropyBound } from "./entropyBound.ts";
import { factor } from "./factor.ts";
import { fixed } from "./fixed.ts";
import { hierarchical } from "./hierarchical.ts";
import { independent } from "./independent.ts";
import { klass } from "./klass.ts";
import { leftPrefix } from "./leftPrefix.ts";
import { linearSchedule } from "./linearSchedule.ts";
import { lookAhead } from "./lookAhead.ts";
import { margin } from "./margin.ts";
import { quota } from "./quota.ts";
import { random } from "./random.ts";
import { threshold } from "./threshold.ts";
import { thresholdTopN } from "./thresholdTopN.ts";
import { wino } from "./wino.ts";

/** The built-in decoders. A new decoder needs a file in this folder and a line here. */
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
  leftPrefix,
  klass,
  hierarchical,
  credit,
  edit,
  independent,
  dawn,
  wino,
  lookAhead,
];

/**
 * The built-in decoders and the caller's own.
 * @throws DiffusionError `invalid-request` if a value is not a decoder, or two decoders have the same name
 */
export function withDecoders(own: readonly Decoder[] = []): readonly Decoder[] {
  const names = new Set(decoders.map(({ name }) => name));
  own.forEach((decoder, index) => {
    if (typeof decoder?.name !== "string" || typeof decoder.commit !== "function") {
      const message = `Cannot load the model as decoders[${index}] must have a 'name' and a function 'commit': found ${found(decoder)}`;
      throw new DiffusionError("invalid-request", message);
    }
    if (names.has(decoder.name)) {
      const message = `Cannot load the model as decoders must have different names: found a second '${decoder.name}'`;
      throw new DiffusionError("invalid-request", message);
    }
    names.add(decoder.name);
  });
  return [...decoders, ...own];
}
