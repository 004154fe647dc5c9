/**
 * One sequence being unmasked: a state machine that says which pass it wants next and takes its statistics.
 * It knows nothing of backends, batches or text, so it can be driven by hand.
 */
import type { CacheState } from "../cache/index.ts";
import type { Parameters, ValuesOf } from "../declare/index.ts";
import { bug } from "../error.ts";
import type { RowStatistics } from "../tensor/index.ts";
import { answerTo, finalizedUpTo, stopsBeforeOpen, stopsIn } from "./answer.ts";
import type { OffsetWrites, StepCommits } from "./block.ts";
import type { Range, SubBlock } from "./canvas.ts";
import { type BlockProgress, OpenBlock } from "./openBlock.ts";
import type { SequenceOptions } from "./options.ts";
import type { SequencePass, StepOutcome, TokenWrites } from "./outcome.ts";
import { type PassPlace, passFrom } from "./pass.ts";
import { smoothingThreshold, smoothingWeight } from "./smoothing.ts";
import { undecidedPositions } from "./undecided.ts";

export type FinishReason = "stop" | "length";

export class Sequence {
  #options: SequenceOptions;
  #tokens: Uint32Array;
  #undecided: Uint8Array;
  /** Model passes but those of the prefill, and those of them that refreshed a cache. */
  forwards = 0;
  refreshes = 0;
  /** Why it ended; undefined while it goes on. */
  finished: FinishReason | undefined;
  /** Decode steps so far: a part of the random generator's counter. */
  #steps = 0;
  #blockIndex = 0;
  #block: OpenBlock;
  #cache: CacheState;
  #pending: SequencePass | undefined;
  #encoded = 0;
  #undecidedAtStart: number;

  constructor(options: SequenceOptions) {
    const { canvas } = options;
    const [first] = canvas.blocks;
    if (!first) throw bug("A canvas has no block");
    this.#options = options;
    this.#tokens = Uint32Array.from(canvas.tokens);
    this.#undecided = canvas.undecided.slice();
    this.#block = new OpenBlock(first, options, this);
    this.#cache = options.cache.declaration.initial;
    this.#undecidedAtStart = this.undecidedCount;
  }

  /** What decides how the sequence is decoded; the canvas is replaced when it is extended. */
  get options(): SequenceOptions {
    return this.#options;
  }

  get tokens(): Uint32Array {
    return this.#tokens;
  }

  /** By position: 1 until a token is committed there. */
  get undecided(): Uint8Array {
    return this.#undecided;
  }

  /** Keys and values of the positions before this are there, and final; 0 where the cache may go stale. */
  get encoded(): number {
    return this.#encoded;
  }

  /** The prompt's whole blocks end here, where they are encoded before anything is decoded; else 0. */
  get promptEnd(): number {
    const { cache, canvas } = this.options;
    return cache.declaration.blockCausal ? canvas.blocks[0]!.block.start : 0;
  }

  /** Whether some of them are still to be encoded, in passes that may be left out. */
  get encodesPrompt(): boolean {
    return !this.options.cache.declaration.everyPass && this.#encoded < this.promptEnd;
  }

  /** Takes keys and values of the prompt up to a line of the mask's grid as copied. */
  share(end: number): void {
    this.#encoded = end;
    // What was planned may begin before that. Pieces of a prompt leave no state behind.
    this.#pending = undefined;
    this.#cache = this.options.cache.declaration.initial;
  }

  get length(): number {
    return this.tokens.length;
  }

  /** Positions that are still to be decoded. */
  get undecidedCount(): number {
    return undecidedPositions(this.undecided, 0, this.options.canvas.blocks.at(-1)!.end).length;
  }

  /** From the sequence's start: positions before this one will not change any more. */
  get finalizedUpTo(): number {
    if (this.finished) return this.options.canvas.answer.end;
    return finalizedUpTo(this, this.#part, this.options);
  }

  /** The answer's tokens up to a position, and up to the first stop token or the first position that is undecided. */
  answerTo(end: number): readonly number[] {
    return answerTo(this, end, this.options);
  }

  /** What is left of its budget. */
  get forwardsLeft(): number {
    return (this.options.maxForwards ?? Infinity) - this.forwards;
  }

  /** The next pass. Asked again before `apply`, it is the same one. */
  next(): SequencePass {
    if (this.finished) throw bug("A finished sequence was asked for a pass");
    this.#pending ??= this.#plan();
    return this.#pending;
  }

  /**
   * The pending pass and those after it, as they will be unless the block is complete before: what a device may be
   * given at once. Positions are those that are wanted now, so later passes want these at most.
   */
  lookAhead(count: number): readonly SequencePass[] {
    let last = this.next();
    const passes = [last];
    let state = this.#cache;
    let steps = this.#steps;
    while (passes.length < count) {
      if (last.head) steps++;
      const planned = passFrom({ ...this.#place, encoded: last.encoded }, state, steps);
      state = planned.state;
      last = planned.pass;
      passes.push(last);
    }
    return passes;
  }

  /** How many of the next `max` steps the decoder's schedule lets commit something; at least 1. */
  stepsBeforeIdle(max: number): number {
    this.next();
    return Math.max(1, this.#block.stepsBeforeIdle(max));
  }

  /** What a device has to know of the current block to decide for itself. */
  get block(): BlockProgress {
    return this.#block.progress(this.#steps);
  }

  /** Tokens committed so far. */
  get committed(): number {
    return this.#undecidedAtStart - this.undecidedCount;
  }

  /** The decoder's parameters in a pass, with smoothing's threshold in place of its own; and smoothing's weight. */
  parametersAt({ iteration }: SequencePass): {
    readonly parameters: ValuesOf<Parameters>;
    readonly weight: number;
  } {
    const { smoothing } = this.options;
    const weight = smoothing ? smoothingWeight(smoothing, iteration) : 0;
    return { parameters: this.#decoderParameters(iteration), weight };
  }

  /**
   * Takes the answer to the pending pass.
   * @throws DiffusionError `numeric` if a row that was asked for is not finite, `invalid-request` if the decoder
   *   breaks its rules
   */
  apply(statistics: RowStatistics | undefined): StepOutcome {
    return this.#take((pass) => this.#commits(pass, statistics));
  }

  /** Takes what a device decided in the pending pass; undefined if that was not for it to decide. */
  applyDeviceResult(decided: StepCommits | undefined): StepOutcome {
    return this.#take(() => {
      if (decided) this.#block.observe(decided);
      return decided;
    });
  }

  #take(decide: (pass: SequencePass) => StepCommits | undefined): StepOutcome {
    const pass = this.#pending;
    if (!pass) throw bug("A sequence was given statistics that it did not ask for");
    this.#pending = undefined;
    if (!pass.prefill) this.forwards++;
    if (pass.refresh) this.refreshes++;
    this.#encoded = pass.encoded;
    const { block } = this.#part;
    const openCount = this.#block.openOffsets().length;
    const decided = decide(pass);
    return {
      step: decided ? this.#steps++ : this.#steps,
      window: { start: pass.span.start, end: pass.span.end },
      block: block,
      refresh: pass.refresh,
      prefill: pass.prefill,
      openCount,
      ...this.#write(decided?.commits),
      edits: this.#write(decided?.edits),
      softEmbeddings: this.#soften(pass),
    };
  }

  /**
   * Moves on from what is complete and is owed no pass; returns the block once that was its last part. A block in which
   * the sequence stops is filled to its end; behind a filled canvas the answer goes on where the options say so. With its
   * budget spent the sequence ends in its block as that is.
   */
  advance(): Range | undefined {
    while (!this.finished && this.#settled) {
      const { end, block } = this.#part;
      const isLast = this.#blockIndex + 1 === this.options.canvas.blocks.length;
      if (stopsIn(this, this.#part, isLast, this.options)) {
        this.finished = "stop";
        this.#fillBehindStop();
        return block;
      }
      if (isLast && this.forwardsLeft > 0) this.#extend();
      const next = this.options.canvas.blocks[this.#blockIndex + 1];
      if (next) {
        this.#blockIndex++;
        this.#block = new OpenBlock(next, this.options, this);
      } else this.finished = "length";
      if (next?.block.start !== block.start) return { start: block.start, end };
    }
    if (this.finished || this.forwardsLeft > 0) return undefined;
    this.finished = stopsBeforeOpen(this, this.options) ? "stop" : "length";
    return this.#part.block;
  }

  /** Undecided positions behind the stop get the stop token; a model without one leaves them undecided. */
  #fillBehindStop(): void {
    const [stop] = this.options.stopTokens;
    if (stop === undefined) return;
    for (const position of undecidedPositions(this.undecided, 0, this.length)) this.#decide(position, stop);
  }

  /** Positions behind the canvas, where the answer may go on there. Caches start anew: the sequence has other keys. */
  #extend(): void {
    const canvas = this.options.extend?.(this.options.canvas, this.tokens);
    if (!canvas) return;
    const before = this.undecidedCount;
    this.#options = { ...this.options, canvas };
    this.#tokens = Uint32Array.from(canvas.tokens);
    this.#undecided = canvas.undecided.slice();
    this.#undecidedAtStart += this.undecidedCount - before;
    const { initial } = this.options.cache.declaration;
    this.#cache = { ...initial, iteration: this.#cache.iteration };
    this.#encoded = 0;
  }

  get #settled(): boolean {
    const isHeld = this.options.cache.declaration.holdsBlock?.(this.#cache) ?? false;
    return !isHeld && this.#block.complete;
  }

  get #part(): SubBlock {
    return this.options.canvas.blocks[this.#blockIndex]!;
  }

  get #place(): PassPlace {
    const { options, tokens, undecided } = this;
    return { options, tokens, undecided, subBlock: this.#part, block: this.#block, encoded: this.#encoded };
  }

  #plan(): SequencePass {
    const { everyPass } = this.options.cache.declaration;
    if (!everyPass) this.#steps += this.#block.skipIdleSteps();
    const { pass, state } = passFrom(this.#place, this.#cache, this.#steps);
    if (!pass.head && !pass.prefill && !everyPass)
      throw bug("A pass would neither decode nor encode anything");
    this.#cache = state;
    return pass;
  }

  #commits({ head, iteration }: SequencePass, rows: RowStatistics | undefined): StepCommits | undefined {
    if (!head) return undefined;
    if (!rows) throw bug("A sequence was given no statistics although it asked for some");
    if (this.#block.complete) return undefined;
    return this.#block.decide(head, rows, this.#decoderParameters(iteration), this.#steps);
  }

  /** The decoder's parameters, with smoothing's threshold of pass i in place of its own. */
  #decoderParameters(i: number): ValuesOf<Parameters> {
    const { smoothing, decoder } = this.options;
    const name = decoder.declaration.smoothed;
    if (!smoothing || !name) return decoder.parameters;
    const threshold = smoothingThreshold(smoothing, Number(decoder.parameters[name]), i);
    return { ...decoder.parameters, [name]: threshold };
  }

  #decide(position: number, token: number): void {
    this.tokens[position] = token;
    this.undecided[position] = 0;
  }

  #write(writes: OffsetWrites | undefined): TokenWrites {
    const positions = writes?.offsets.map((offset) => this.#block.start + offset) ?? [];
    const tokens = writes?.tokens ?? [];
    for (const [index, position] of positions.entries()) this.#decide(position, tokens[index]!);
    const logprobs = this.options.topLogprobs === null ? {} : { logprobs: writes?.logprobs ?? [] };
    return { positions, tokens, confidences: writes?.confidences ?? [], ...logprobs };
  }

  #soften({ head, iteration }: SequencePass): StepOutcome["softEmbeddings"] {
    const { smoothing } = this.options;
    if (!smoothing || !head) return undefined;
    const rows = [...head.positions.keys()].filter((row) => this.undecided[head.positions[row]!] === 1);
    return { rows, weight: smoothingWeight(smoothing, iteration) };
  }
}
