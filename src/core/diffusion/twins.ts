/** What lies behind a sequence, and is computed beside it for the decoder: the shadow of a block, or branches of it. */
import { branchPasses, branchRoom } from "./branchPasses.ts";
import type { SequenceOptions } from "./options.ts";
import type { SequencePass, TwinPass } from "./outcome.ts";
import type { PassPlace } from "./pass.ts";
import { shadowLength, shadowOf } from "./shadow.ts";

/** Positions that a slot needs behind the sequence: those of the longest shadow, or of all branches. */
export function roomBehind(options: SequenceOptions): number {
  const { count, length } = branchRoom(options);
  return shadowLength(options) + count * length;
}

/** What a pass computes beside its own span, as decode step `step` of the sequence. */
export function twinsOf(
  pass: Pick<SequencePass, "span" | "head">,
  place: PassPlace,
  step: number,
): readonly TwinPass[] {
  if (!pass.head) return [];
  const shadow = shadowOf(place, step);
  return shadow ? [shadow] : branchPasses(pass, place);
}
