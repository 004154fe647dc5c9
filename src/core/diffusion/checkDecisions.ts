/** Checks the decisions of a step, which a user's decoder may have made, before they are written. */
import type { Bound } from "../declare/index.ts";
import type { Decoder } from "../decode/index.ts";
import { DiffusionError } from "../error.ts";
import type { OffsetWrites, StepCommits } from "./block.ts";
import { maxBranches } from "./branches.ts";

/** What a decoder may do in a step. */
export interface Permitted {
  /** The undecided offsets, and those whose tokens the decoder may replace or take back. */
  readonly open: readonly number[];
  readonly known: readonly number[];
  /** The number of commits that the decoder's schedule requires; undefined without a schedule. */
  readonly scheduled: number | undefined;
}

type Writes = Pick<OffsetWrites, "offsets" | "tokens">;

/** @throws DiffusionError `invalid-request` if the decoder breaks a rule */
export function checkDecisions(
  { commits, edits, revoked, branches }: StepCommits,
  { open, known, scheduled }: Permitted,
  { decoder, maskToken }: { readonly decoder: Bound<Decoder>; readonly maskToken: number },
): void {
  const refuse = (what: string) => brokenRule(decoder, what);
  const checkWrites = (
    { offsets, tokens }: Writes,
    allowed: readonly number[],
    verb: string,
    state: string,
  ) => {
    if (offsets.length === 0) return;
    const remaining = new Set(allowed);
    for (const [index, offset] of offsets.entries()) {
      if (!remaining.delete(offset)) throw refuse(`${verb} offset ${offset}, which is not ${state}`);
      if (tokens[index] === maskToken) throw refuse(`${verb} the mask token at offset ${offset}`);
    }
  };
  const count = commits.offsets.length;
  if (scheduled === undefined && count === 0 && open.length > 0) throw refuse("committed nothing");
  if (scheduled !== undefined && count !== scheduled)
    throw refuse(`committed ${count} positions in a step whose 'transferCount' is ${scheduled}`);
  checkWrites(commits, open, "committed", "undecided");
  checkWrites(edits, known, "edited", "known");
  const left = new Set(revoked.length > 0 ? known.filter((offset) => !edits.offsets.includes(offset)) : []);
  for (const offset of revoked) {
    if (!left.delete(offset))
      throw refuse(`revoked offset ${offset}, which is not known or was edited in the same step`);
  }
  if (branches.length === 0) return;
  const most = maxBranches(decoder);
  if (branches.length > most) throw refuse(`proposed ${branches.length} branches of at most ${most}`);
  const offsets = branches.map(({ offset }) => offset);
  const tokens = branches.map(({ token }) => token);
  const undecided = open.filter((offset) => !commits.offsets.includes(offset));
  checkWrites({ offsets, tokens }, undecided, "proposed", "open after the step");
}

export function brokenRule({ declaration }: Bound<Decoder>, what: string): DiffusionError {
  const message = `Cannot continue as decoder '${declaration.name}' ${what}`;
  return new DiffusionError("invalid-request", message);
}
