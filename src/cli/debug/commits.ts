/** `unmask debug commits`: runs decoders on logits from a file, for comparison with other implementations. */
import { rowStatistics } from "../../backends/host/statistics.ts";
import { BlockStatistics, StepCommits } from "../../core/diffusion/block.ts";
import { bind, type Choice, type Decoder, DiffusionError, decoders } from "../../core/index.ts";
import { emptyPassStatistics, gatheredLogits } from "../../core/tensor/index.ts";
import type { JsonField } from "./jsonField.ts";

/** A block to decode, and the logits of each step. */
export interface CommitsCase {
  readonly choice: Choice;
  readonly mask: number;
  /** The block's tokens. */
  readonly start: readonly number[];
  /** Logits of each step, [positions][vocabulary]. */
  readonly steps: readonly (readonly Float32Array[])[];
  /**
   * Replaces the number of masks in `start`. Decoders with a schedule divide this number among their steps.
   */
  readonly openAtStart?: number;
}

export interface CommitsResult {
  readonly steps: readonly { readonly commit: readonly (readonly [position: number, token: number])[] }[];
}

const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0 };

/**
 * Reads the cases of a file `{mask, cases: [{decoder, params, start, steps: [{logits}]}]}`.
 * @throws DiffusionError `invalid-file`, `invalid-request` for an unknown decoder
 */
export function readCommitsCases(file: JsonField): readonly CommitsCase[] {
  const mask = file.get("mask").integer(0);
  return file
    .get("cases")
    .list()
    .map((field) => {
      const start = field.get("start").tokens();
      if (start.length === 0) field.get("start").refuse("a list of at least one token");
      const steps = field
        .get("steps")
        .list()
        .map((step) => readLogits(step.get("logits"), start.length));
      return { ...readChoice(field), mask, start, steps };
    });
}

function readLogits(field: JsonField, length: number): readonly Float32Array[] {
  const rows = field.list().map((row) => row.floats());
  if (rows.length !== length) field.refuse(`a list of ${length} rows, one per position`);
  if (rows.some((row) => row.length !== rows[0]!.length || row.length === 0))
    field.refuse("rows of equal length");
  return rows;
}

/**
 * The decoder of a case. A file may give the decoder `fixed` a `count` of commits per step in place of `steps`: one step
 * over a block with `count` masks commits as many.
 */
function readChoice(field: JsonField): Pick<CommitsCase, "choice" | "openAtStart"> {
  const name = field.get("decoder").text();
  const params = field.get("params").absent ? {} : field.get("params").object();
  const hasCount = params["count"] !== undefined && name === "fixed";
  const choice: Choice = hasCount ? { name, steps: 1 } : { ...params, name };
  bind("decoder", decoders, choice);
  return hasCount ? { choice, openAtStart: field.get("params").get("count").integer(1) } : { choice };
}

/** Runs the steps of a case. Tokens and the decoder's state carry over from step to step. */
export function runCommitsCase(commitsCase: CommitsCase): CommitsResult {
  const { choice, mask, start } = commitsCase;
  const { declaration, parameters } = bind("decoder", decoders, choice);
  const tokens = Uint32Array.from(start);
  const undecided = new Set([...tokens.keys()].filter((offset) => tokens[offset] === mask));
  const openAtStart = commitsCase.openAtStart ?? undecided.size;
  const state = declaration.start?.(tokens.length);
  const steps = commitsCase.steps.map((logits, step) => {
    const open = [...undecided];
    if (open.length === 0) return { commit: [] };
    const statistics = statisticsOf(declaration, state, logits, open, mask);
    const facts = {
      sequenceLength: tokens.length,
      step,
      sequenceStep: step,
      sampling: greedy,
      openAtStart,
    };
    const view = statistics.view({ ...facts, open, known: [], current: tokens.slice() });
    const decided = new StepCommits(statistics.values.confidence);
    declaration.commit(view, parameters, decided, state);
    const { offsets, tokens: chosen } = decided.commits;
    const commit = offsets.map((offset, i): [number, number] => [offset, chosen[i]!]);
    for (const [offset, token] of commit) {
      tokens[offset] = token;
      undecided.delete(offset);
    }
    return { commit: commit.sort(([a], [b]) => a - b) };
  });
  return { steps };
}

function statisticsOf(
  declaration: Decoder,
  state: unknown,
  logits: readonly Float32Array[],
  open: readonly number[],
  mask: number,
): BlockStatistics {
  const gather = open.map((offset) => declaration.gather?.(state, offset) ?? []);
  const request = { positions: open, maskToken: mask, sampling: greedy, step: 0, gather };
  const rows = { statistics: emptyPassStatistics([request]), firstRow: 0 };
  for (const [row, offset] of open.entries()) {
    const values = logits[offset]!.slice();
    rowStatistics(values, request, row, rows);
    if (rows.statistics.valid[row] !== 1) {
      throw new DiffusionError("numeric", `Cannot decode position ${offset} as its logits are not finite`);
    }
    gatheredLogits(rows.statistics.gathered!, row).set(gather[row]!.map((token) => values[token]!));
  }
  const statistics = new BlockStatistics({ start: 0, end: logits.length });
  statistics.read(rows, open);
  return statistics;
}
