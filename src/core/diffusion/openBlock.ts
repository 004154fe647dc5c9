/** The block that a sequence is decoding: which of its positions are open, and what its decoder makes of them. */
import type { Parameters, ValuesOf } from "../declare/index.ts";
import { maxIdleSteps, maxPostSteps, type Need } from "../decode/index.ts";
import { DiffusionError } from "../error.ts";
import type { RowStatistics } from "../tensor/index.ts";
import { BlockStatistics, type OffsetWrites, StepCommits } from "./block.ts";
import type { Range } from "./canvas.ts";
import { type AskedRows, logprobsOf } from "./logprobs.ts";
import type { SequenceOptions } from "./options.ts";
import { type DecodedTokens, undecidedPositions } from "./undecided.ts";

/** How far a block is: what a device has to know of it to decide for itself. */
export interface BlockProgress extends Range {
  /** Decode steps of the block, and of the sequence, so far. */
  readonly step: number;
  readonly sequenceStep: number;
  readonly maskedAtStart: number;
  readonly masked: number;
  /** Positions that an editing decoder may overwrite, now or once they are committed; none for others. */
  readonly editable: readonly number[];
  /** Steps since the block was filled, for decoders that make some. */
  readonly postSteps: number;
}

/** What a decoder may write in a step. */
interface AllowedWrites {
  readonly open: readonly number[];
  readonly known: readonly number[];
  /** How many positions the schedule lets the step commit; undefined where the decoder has none. */
  readonly scheduled: number | undefined;
}

export class OpenBlock implements Range {
  readonly start: number;
  readonly end: number;
  readonly #options: SequenceOptions;
  /** The sequence's tokens, shared with it. */
  readonly #decoded: DecodedTokens;
  readonly #openAtStart: number;
  readonly #state: unknown;
  #step = 0;
  /** Steps since the block was filled. */
  #postSteps = 0;
  /** Whether the schedule let the last step commit nothing. */
  #wasIdle = false;

  constructor({ start, end }: Range, options: SequenceOptions, { tokens, undecided }: DecodedTokens) {
    this.start = start;
    this.end = end;
    this.#options = options;
    this.#decoded = { tokens, undecided };
    this.#openAtStart = this.openOffsets().length;
    this.#state = options.decoder.declaration.start?.(end - start);
  }

  /** Offsets of the undecided positions, ascending. */
  openOffsets(): readonly number[] {
    const { undecided } = this.#decoded;
    return undecidedPositions(undecided, this.start, this.end).map((position) => position - this.start);
  }

  /** Whether the block needs no more steps: nothing is undecided, and the decoder has nothing to revise. */
  get complete(): boolean {
    if (this.openOffsets().length > 0) return false;
    if (!this.#needs("known") || this.#knownOffsets().length === 0) return true;
    const { declaration, parameters } = this.#options.decoder;
    return declaration.isBlockDone?.(this.#state, parameters) ?? true;
  }

  /**
   * Counts the coming steps that the decoder's schedule lets commit nothing as made, and returns how many these are.
   * @throws DiffusionError `invalid-request` if there are more than `maxIdleSteps`
   */
  skipIdleSteps(): number {
    const idle = this.#idleSteps();
    this.#step += idle;
    return idle;
  }

  #idleSteps(): number {
    const open = this.openOffsets().length;
    let idle = 0;
    while (open > 0 && this.#transferCount(open, this.#step + idle) === 0) {
      if (idle++ === maxIdleSteps) throw this.#refuse(`commits nothing in ${maxIdleSteps} steps`);
    }
    return idle;
  }

  /** How many steps from the coming one on, at most `max`, are known to commit something or have no schedule. */
  stepsBeforeIdle(max: number): number {
    let open = this.openOffsets().length;
    let steps = 0;
    for (; steps < max && open > 0; steps++) {
      const count = this.#transferCount(open, this.#step + steps);
      if (count === undefined) return max;
      if (count === 0) break;
      open -= count;
    }
    return steps;
  }

  /** How many of `open` undecided positions a step commits; undefined where the decoder has no schedule. */
  #transferCount(open: number, step: number): number | undefined {
    const { declaration, parameters } = this.#options.decoder;
    return declaration.transferCount?.({ open, openAtStart: this.#openAtStart, step }, parameters);
  }

  /** The positions whose statistics the decoder needs, ascending. */
  wantedPositions(): readonly number[] {
    if (this.complete) return [];
    const known = this.#needs("known") ? this.#knownOffsets() : [];
    return [...this.openOffsets(), ...known].sort((a, b) => a - b).map((offset) => this.start + offset);
  }

  /** Tokens whose logits the decoder wants at a position. */
  gather(position: number): readonly number[] {
    const { declaration } = this.#options.decoder;
    if (position < this.start || position >= this.end) return [];
    return declaration.gather?.(this.#state, position - this.start) ?? [];
  }

  /**
   * One decode step.
   * @param head what was asked for; rows outside the block are not looked at
   * @param sequenceStep decode steps of the sequence so far
   * @throws DiffusionError `numeric` if a row is not finite, `invalid-request` if the decoder breaks its rules
   */
  decide(
    head: AskedRows,
    rows: RowStatistics,
    parameters: ValuesOf<Parameters>,
    sequenceStep: number,
  ): StepCommits {
    const { start } = this;
    const statistics = new BlockStatistics(this.end - start);
    head.positions.forEach((position, row) => {
      if (rows.valid[row] !== 1) {
        const message = `Cannot decode position ${position} as the model computed no finite logits for it`;
        throw new DiffusionError("numeric", message);
      }
      if (position >= start && position < this.end) statistics.set(position - start, rows, row);
    });
    const { decoder, sampling } = this.#options;
    const open = this.openOffsets();
    const known = this.#knownOffsets();
    // Where idle steps are made, at the first one of them: it may be one of too many.
    if (!this.#wasIdle) this.#idleSteps();
    const scheduled = open.length > 0 ? this.#transferCount(open.length, this.#step) : undefined;
    const view = statistics.view({
      open,
      known,
      start,
      sequenceStep,
      sampling,
      current: this.#decoded.tokens.slice(start, this.end),
      sequenceLength: this.#decoded.tokens.length,
      openAtStart: this.#openAtStart,
      step: this.#step++,
    });
    this.#wasIdle = scheduled === 0;
    if (open.length === 0 && this.#postSteps++ === maxPostSteps) {
      throw this.#refuse(`is not done with a filled block after ${maxPostSteps} steps`);
    }
    const decided = new StepCommits(statistics.values.confidence);
    decoder.declaration.commit(view, parameters, decided, this.#state);
    this.#check(decided, { open, known, scheduled });
    for (const writes of [decided.commits, decided.edits])
      writes.logprobs = logprobsOf(writes, start, head, rows);
    return decided;
  }

  /** Takes what a device decided. */
  observe({ edits }: StepCommits): void {
    const open = this.openOffsets().length;
    this.#step++;
    this.#options.decoder.declaration.observe?.(this.#state, open, edits.offsets.length);
  }

  progress(sequenceStep: number): BlockProgress {
    const editable = this.#needs("known") ? this.#generatedPositions() : [];
    const { postSteps = 0 } = (this.#state ?? {}) as { postSteps?: number };
    return {
      ...{ start: this.start, end: this.end, step: this.#step, sequenceStep, postSteps },
      maskedAtStart: this.#openAtStart,
      masked: this.openOffsets().length,
      editable,
    };
  }

  #needs(need: Need): boolean {
    return this.#options.decoder.declaration.needs?.includes(need) ?? false;
  }

  /** Offsets of the generated positions that are decided. */
  #knownOffsets(): readonly number[] {
    const { undecided } = this.#decoded;
    const known = this.#generatedPositions().filter((position) => undecided[position] === 0);
    return known.map((position) => position - this.start);
  }

  /** Positions that were undecided when the sequence started. */
  #generatedPositions(): readonly number[] {
    return undecidedPositions(this.#options.canvas.undecided, this.start, this.end);
  }

  /** A decoder may be a user's: what it decided is checked before it is believed. */
  #check({ commits, edits }: StepCommits, { open, known, scheduled }: AllowedWrites): void {
    const count = commits.offsets.length;
    if (scheduled === undefined && count === 0 && open.length > 0) throw this.#refuse("committed nothing");
    if (scheduled !== undefined && count !== scheduled)
      throw this.#refuse(`committed ${count} positions in a step whose 'transferCount' is ${scheduled}`);
    const check = (writes: OffsetWrites, allowed: readonly number[], verb: string, state: string) => {
      const left = new Set(allowed);
      for (const [index, offset] of writes.offsets.entries()) {
        if (!left.delete(offset)) throw this.#refuse(`${verb} offset ${offset}, which is not ${state}`);
        if (writes.tokens[index] === this.#options.maskToken) {
          throw this.#refuse(`${verb} the mask token at offset ${offset}`);
        }
      }
    };
    check(commits, open, "committed", "undecided");
    check(edits, this.#needs("known") ? known : [], "edited", "known");
  }

  #refuse(what: string): DiffusionError {
    const { name } = this.#options.decoder.declaration;
    return new DiffusionError("invalid-request", `Cannot go on as decoder '${name}' ${what}`);
  }
}
