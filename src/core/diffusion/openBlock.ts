/** The block that a sequence is decoding: which of its positions are open, and what its decoder makes of them. */
import type { Parameters, ValuesOf } from "../declare/index.ts";
import { maxIdleSteps, maxPostSteps, type Need } from "../decode/index.ts";
import { DiffusionError } from "../error.ts";
import type { RowStatistics } from "../tensor/index.ts";
import { BlockStatistics, type OffsetWrites, StepCommits } from "./block.ts";
import type { Range } from "./canvas.ts";
import { type AskedRows, logprobsOf } from "./logprobs.ts";
import type { SequenceOptions } from "./options.ts";

/** How far a block is: what a device has to know of it to decide for itself. */
export interface BlockProgress extends Range {
  /** Decode steps of the block, and of the sequence, so far. */
  readonly step: number;
  readonly sequenceStep: number;
  readonly maskedAtStart: number;
  readonly masked: number;
  /** Positions that an editing decoder may overwrite, now or once they are committed; none for others. */
  readonly editable: readonly number[];
  /** Steps on a block without masks, for decoders that make some. */
  readonly postSteps: number;
}

/** What a decoder may write in a step. */
interface AllowedWrites {
  readonly masked: readonly number[];
  readonly known: readonly number[];
  /** How many positions the schedule lets the step commit; undefined where the decoder has none. */
  readonly scheduled: number | undefined;
}

export class OpenBlock implements Range {
  readonly start: number;
  readonly end: number;
  readonly #options: SequenceOptions;
  /** The sequence's tokens, shared with it. */
  readonly #tokens: Uint32Array;
  readonly #maskedAtStart: number;
  readonly #state: unknown;
  #step = 0;
  /** Steps since the block had no masks. */
  #postSteps = 0;
  /** Whether the schedule let the last step commit nothing. */
  #wasIdle = false;

  constructor({ start, end }: Range, options: SequenceOptions, tokens: Uint32Array) {
    this.start = start;
    this.end = end;
    this.#options = options;
    this.#tokens = tokens;
    this.#maskedAtStart = this.maskedOffsets().length;
    this.#state = options.decoder.declaration.start?.(end - start);
  }

  /** Offsets of the masked positions, ascending. */
  maskedOffsets(): readonly number[] {
    return this.#offsets((token) => token === this.#options.maskToken);
  }

  /** Whether the block needs no more steps. Without masks and without positions to revise, no step could change it. */
  get complete(): boolean {
    if (this.maskedOffsets().length > 0) return false;
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
    const masked = this.maskedOffsets().length;
    let idle = 0;
    while (masked > 0 && this.#transferCount(masked, this.#step + idle) === 0) {
      if (idle++ === maxIdleSteps) throw this.#refuse(`commits nothing in ${maxIdleSteps} steps`);
    }
    return idle;
  }

  /** How many steps from the coming one on, at most `max`, are known to commit something or have no schedule. */
  stepsBeforeIdle(max: number): number {
    let masked = this.maskedOffsets().length;
    let steps = 0;
    for (; steps < max && masked > 0; steps++) {
      const count = this.#transferCount(masked, this.#step + steps);
      if (count === undefined) return max;
      if (count === 0) break;
      masked -= count;
    }
    return steps;
  }

  /** How many positions a step on so many masks commits, where the decoder's schedule says so. */
  #transferCount(masked: number, step: number): number | undefined {
    const { declaration, parameters } = this.#options.decoder;
    return declaration.transferCount?.({ masked, maskedAtStart: this.#maskedAtStart, step }, parameters);
  }

  /** The positions whose statistics the decoder needs, ascending. */
  wantedPositions(): readonly number[] {
    if (this.complete) return [];
    const known = this.#needs("known") ? this.#knownOffsets() : [];
    return [...this.maskedOffsets(), ...known].sort((a, b) => a - b).map((offset) => this.start + offset);
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
    const masked = this.maskedOffsets();
    const known = this.#knownOffsets();
    // Where idle steps are made, at the first one of them: it may be one of too many.
    if (!this.#wasIdle) this.#idleSteps();
    const scheduled = masked.length > 0 ? this.#transferCount(masked.length, this.#step) : undefined;
    const view = statistics.view({
      masked,
      known,
      start,
      sequenceStep,
      sampling,
      current: this.#tokens.slice(start, this.end),
      sequenceLength: this.#tokens.length,
      maskedAtStart: this.#maskedAtStart,
      step: this.#step++,
    });
    this.#wasIdle = scheduled === 0;
    if (masked.length === 0 && this.#postSteps++ === maxPostSteps) {
      throw this.#refuse(`has not settled within ${maxPostSteps} steps on a block without masks`);
    }
    const decided = new StepCommits(statistics.values.confidence);
    decoder.declaration.commit(view, parameters, decided, this.#state);
    this.#check(decided, { masked, known, scheduled });
    for (const writes of [decided.commits, decided.edits])
      writes.logprobs = logprobsOf(writes, start, head, rows);
    return decided;
  }

  /** Takes what a device decided. */
  observe({ edits }: StepCommits): void {
    const masked = this.maskedOffsets().length;
    this.#step++;
    this.#options.decoder.declaration.observe?.(this.#state, masked, edits.offsets.length);
  }

  progress(sequenceStep: number): BlockProgress {
    const { canvas, maskToken } = this.#options;
    const editable = this.#needs("known") ? this.#offsets((_, at) => canvas.tokens[at] === maskToken) : [];
    const { postSteps = 0 } = (this.#state ?? {}) as { postSteps?: number };
    return {
      ...{ start: this.start, end: this.end, step: this.#step, sequenceStep, postSteps },
      maskedAtStart: this.#maskedAtStart,
      masked: this.maskedOffsets().length,
      editable: editable.map((offset) => this.start + offset),
    };
  }

  #needs(need: Need): boolean {
    return this.#options.decoder.declaration.needs?.includes(need) ?? false;
  }

  /** Offsets of positions that were masked once and hold a token now. */
  #knownOffsets(): readonly number[] {
    const { canvas, maskToken } = this.#options;
    return this.#offsets((token, at) => token !== maskToken && canvas.tokens[at] === maskToken);
  }

  #offsets(holds: (token: number, position: number) => boolean): readonly number[] {
    const offsets: number[] = [];
    for (let position = this.start; position < this.end; position++) {
      if (holds(this.#tokens[position]!, position)) offsets.push(position - this.start);
    }
    return offsets;
  }

  /** A decoder may be a user's: what it decided is checked before it is believed. */
  #check({ commits, edits }: StepCommits, { masked, known, scheduled }: AllowedWrites): void {
    const count = commits.offsets.length;
    if (scheduled === undefined && count === 0 && masked.length > 0) throw this.#refuse("committed nothing");
    if (scheduled !== undefined && count !== scheduled)
      throw this.#refuse(`committed ${count} positions in a step whose 'transferCount' is ${scheduled}`);
    const check = (writes: OffsetWrites, allowed: readonly number[], verb: string, state: string) => {
      const open = new Set(allowed);
      for (const [index, offset] of writes.offsets.entries()) {
        if (!open.delete(offset)) throw this.#refuse(`${verb} offset ${offset}, which is not ${state}`);
        if (writes.tokens[index] === this.#options.maskToken) {
          throw this.#refuse(`${verb} the mask token at offset ${offset}`);
        }
      }
    };
    check(commits, masked, "committed", "masked");
    check(edits, this.#needs("known") ? known : [], "edited", "known");
  }

  #refuse(what: string): DiffusionError {
    const { name } = this.#options.decoder.declaration;
    return new DiffusionError("invalid-request", `Cannot go on as decoder '${name}' ${what}`);
  }
}
