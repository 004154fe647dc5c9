/**
 * The decoding of one sequence, as a state machine: `next` returns the pass to make, and `apply` takes its statistics. It does
 * not depend on backends, batches or text.
 */
import type { CacheState } from "../cache/index.ts";
import { bug } from "../error.ts";
import type { DeviceBlock, RequestRows } from "../tensor/index.ts";
import { answerTo, finalizedUpTo, stopsBeforeOpen, stopsIn } from "./answer.ts";
import { StepCommits } from "./block.ts";
import type { Range, SubBlock } from "./canvas.ts";
import { decoderParameters } from "./decoderParameters.ts";
import { Foresight } from "./foresight.ts";
import { guessesOf } from "./guesses.ts";
import type { AnsweredRows } from "./logprobs.ts";
import { OpenBlock } from "./openBlock.ts";
import type { SequenceOptions } from "./options.ts";
import type { DecidedStep, SequencePass, StepOutcome } from "./outcome.ts";
import { headOf, type PassPlace, type PassRange, rangeFrom } from "./pass.ts";
import { SequenceTokens } from "./sequenceTokens.ts";
import { smoothingWeight } from "./smoothing.ts";
import { roomBehind, twinsOf } from "./twins.ts";

export type FinishReason = "stop" | "length";

export class Sequence {
  #options: SequenceOptions;
  readonly #decoded: SequenceTokens;
  /** Passes, except those that only encode the prompt. */
  forwards = 0;
  /** Positions that these passes computed, with those of shadows and branches. */
  rows = 0;
  /** Passes that refreshed a cache. */
  refreshes = 0;
  /** The reason why the sequence ended; undefined before its end. */
  finished: FinishReason | undefined;
  /** Decode steps so far: part of the random generator's counter. */
  #steps = 0;
  #blockIndex = 0;
  #block: OpenBlock;
  #cache: CacheState;
  /** The range of the next pass, if it is planned. */
  #range: PassRange | undefined;
  /** The next pass, if `next` was called. */
  #pending: SequencePass | undefined;
  #encoded = 0;
  readonly #foresight = new Foresight();

  constructor(options: SequenceOptions) {
    const { canvas } = options;
    const [first] = canvas.blocks;
    if (!first) throw bug("A canvas has no block");
    this.#options = options;
    this.#decoded = new SequenceTokens(canvas);
    this.#block = new OpenBlock(first, options, this.#decoded);
    this.#cache = options.cache.declaration.initial;
  }

  /** The options of the sequence. An extension replaces the canvas. */
  get options(): SequenceOptions {
    return this.#options;
  }

  get tokens(): Uint32Array {
    return this.#decoded.tokens;
  }

  /** By position: 1 until a token is committed there. */
  get undecided(): Uint8Array {
    return this.#decoded.undecided;
  }

  /** The keys and values of the positions before this one are final; 0 if the cache may go stale. */
  get encoded(): number {
    return this.#encoded;
  }

  /** The end of the prompt's whole blocks, if they are encoded before the first decode step; otherwise 0. */
  get promptEnd(): number {
    const { cache, canvas } = this.options;
    return cache.declaration.blockCausal ? canvas.blocks[0]!.block.start : 0;
  }

  /** Whether whole blocks of the prompt are not encoded yet, and their keys and values may be copied instead. */
  get encodesPrompt(): boolean {
    return !this.options.cache.declaration.everyPass && this.#encoded < this.promptEnd;
  }

  /** Records that the keys and values of the prompt were copied up to `end`, a block boundary of the mask. */
  adoptPrefix(end: number): void {
    this.#encoded = end;
    // The planned pass may start before `end`. Encoding a piece of the prompt does not change the cache policy's state.
    this.#range = this.#pending = undefined;
    this.#cache = this.options.cache.declaration.initial;
    this.#foresight.clear();
  }

  get length(): number {
    return this.tokens.length;
  }

  /** Positions of a slot: those of the sequence, and of what lies behind it. */
  get slotLength(): number {
    return this.length + roomBehind(this.options);
  }

  /** Undecided positions of all blocks. */
  get undecidedCount(): number {
    return this.#decoded.undecidedCount;
  }

  /** The end of the stable prefix: positions before it will not change. */
  get finalizedUpTo(): number {
    if (this.finished) return this.options.canvas.answer.end;
    return finalizedUpTo(this, this.#subBlock, this.options);
  }

  /** The answer's tokens before position `end`, up to the first stop token or undecided position. */
  answerTo(end: number): readonly number[] {
    return answerTo(this, end, this.options);
  }

  /** Forward passes left of `maxForwards`. */
  get forwardsLeft(): number {
    return (this.options.maxForwards ?? Infinity) - this.forwards;
  }

  /** The next pass. Returns the same pass until its result is applied. */
  next(): SequencePass {
    const range = this.#nextRange();
    this.#pending ??= this.#passOf(range);
    return this.#pending;
  }

  #passOf(range: PassRange): SequencePass {
    const pass = { ...range, head: headOf(this.#place, range, this.#steps) };
    const twins = twinsOf(pass, this.#place, this.#steps);
    return twins.length > 0 ? { ...pass, twins } : pass;
  }

  /** Undecided positions of the current block. */
  get blockUndecidedCount(): number {
    return this.#block.openCount;
  }

  /** Decode steps so far. */
  get stepCount(): number {
    return this.#steps;
  }

  /** The current block. */
  get block(): Pick<OpenBlock, "start" | "end" | "step"> {
    return this.#block;
  }

  /** Index of the current sub-block among those of the canvas. */
  get blockIndex(): number {
    return this.#blockIndex;
  }

  /**
   * The current block and later blocks whose passes are known in advance, at most `maxBlocks`.
   * @param maxSteps number of passes to plan for a block in which every step may need a different pass
   */
  foresee(maxBlocks: number, maxSteps: number): readonly DeviceBlock[] {
    const range = this.#nextRange();
    const planned = { place: this.#place, range, state: this.#cache, index: this.#blockIndex };
    return this.#foresight.blocks(planned, maxBlocks, maxSteps);
  }

  /** Positions that were undecided and are decided now. */
  get committed(): number {
    return this.#decoded.committed;
  }

  /**
   * Applies the statistics of the next pass: the decoder decides, and its decisions are written.
   * @param twinRows those of the pass's twins, in their order
   * @throws DiffusionError `numeric` if a wanted row is not finite, `invalid-request` if the decoder breaks its rules
   */
  apply(rows: RequestRows | undefined, twinRows: readonly RequestRows[] = []): StepOutcome {
    const pass = this.#pending;
    if (!pass) throw bug("A sequence received statistics without a planned pass");
    this.#begin(pass);
    const { openCount } = this.#block;
    const { decided, answer } = this.#decide(pass, rows, twinRows) ?? {};
    const outcome = this.#completePass(pass, openCount, decided);
    const { guesses, smoothing } = this.options;
    return {
      ...outcome,
      ...(smoothing && { softEmbeddings: this.#softEmbeddings(pass) }),
      ...(guesses && {
        guesses: guessesOf(answer?.head ?? pass.head, answer?.rows ?? rows, this.undecided, decided?.revoked),
      }),
    };
  }

  /** Applies the decisions of a device in the next pass. */
  applyDeviceResult(decided: DecidedStep): StepOutcome {
    const range = this.#nextRange();
    this.#begin(range);
    const { openCount } = this.#block;
    this.#block.observe(decided.edits.positions.length);
    return this.#completePass(range, openCount, decided);
  }

  /** Counts a pass as made. */
  #begin({ span, twins = [], refresh, prefill, encoded }: Omit<PassRange, "decides">): void {
    this.#range = this.#pending = undefined;
    if (!prefill) {
      this.forwards++;
      for (const { start, end } of [span, ...twins.map((twin) => twin.span)]) this.rows += end - start;
    }
    if (refresh) this.refreshes++;
    this.#encoded = encoded;
  }

  /**
   * Writes what was decided in a pass.
   * @param openCount of the block before the pass
   */
  #completePass(
    { span, refresh, prefill }: Omit<PassRange, "decides">,
    openCount: number,
    decided: DecidedStep | undefined,
  ): StepOutcome {
    if (decided) {
      this.#block.write(decided);
      this.#decoded.count(decided);
    }
    const { commits, edits, revoked } = decided ?? this.#atPositions(nothingDecided);
    const outcome: StepOutcome = {
      step: decided ? this.#steps++ : this.#steps,
      window: { start: span.start, end: span.end },
      block: this.#subBlock.block,
      refresh,
      prefill,
      openCount,
      positions: commits.positions,
      tokens: commits.tokens,
      confidences: commits.confidences,
      edits,
      softEmbeddings: undefined,
    };
    const { logprobs } = commits;
    return logprobs || revoked
      ? { ...outcome, ...(logprobs && { logprobs }), ...(revoked && { revoked }) }
      : outcome;
  }

  /**
   * Advances past complete sub-blocks, and returns the block if its last sub-block is complete. Call it until it returns
   * undefined. If the answer stops, the stop token fills the undecided positions. If the canvas is full, it may be extended. If
   * no forward passes are left, the sequence ends inside its block.
   */
  advance(): Range | undefined {
    while (!this.finished && this.#mayLeaveBlock) {
      const { end, block } = this.#subBlock;
      const isLast = this.#blockIndex + 1 === this.options.canvas.blocks.length;
      if (stopsIn(this, this.#subBlock, isLast, this.options)) {
        this.finished = "stop";
        // A model without stop tokens leaves them undecided.
        const [stop] = this.options.stopTokens;
        if (stop !== undefined) this.#decoded.fill(stop);
        return block;
      }
      if (isLast && this.forwardsLeft > 0) this.#extend();
      const next = this.options.canvas.blocks[this.#blockIndex + 1];
      if (next) {
        this.#blockIndex++;
        this.#block = new OpenBlock(next, this.options, this.#decoded);
      } else this.finished = "length";
      if (next?.block.start !== block.start) return { start: block.start, end };
    }
    if (this.finished || this.forwardsLeft > 0) return undefined;
    this.finished = stopsBeforeOpen(this, this.options) ? "stop" : "length";
    return this.#subBlock.block;
  }

  /** Extends the canvas if the options allow it. The cache starts anew, as a longer sequence has other keys and values. */
  #extend(): void {
    const canvas = this.options.extend?.(this.options.canvas, this.tokens);
    if (!canvas) return;
    this.#options = { ...this.options, canvas };
    this.#decoded.extend(canvas);
    const { initial } = this.options.cache.declaration;
    this.#cache = { ...initial, iteration: this.#cache.iteration };
    this.#encoded = 0;
    this.#foresight.clear();
  }

  get #mayLeaveBlock(): boolean {
    const isHeld = this.options.cache.declaration.holdsBlock?.(this.#cache) ?? false;
    return !isHeld && this.#block.complete;
  }

  get #subBlock(): SubBlock {
    return this.options.canvas.blocks[this.#blockIndex]!;
  }

  get #place(): PassPlace {
    const { options, tokens, undecided } = this;
    return {
      options,
      tokens,
      undecided,
      subBlock: this.#subBlock,
      block: this.#block,
      encoded: this.#encoded,
    };
  }

  #nextRange(): PassRange {
    if (this.finished) throw bug("A finished sequence has no next pass");
    if (this.#range) return this.#range;
    const { everyPass } = this.options.cache.declaration;
    if (!everyPass) this.#steps += this.#block.skipIdleSteps();
    const { range, state } = rangeFrom(this.#place, this.#cache);
    if (!range.decides && !range.prefill && !everyPass)
      throw bug("A pass would neither decode nor encode anything");
    this.#cache = state;
    this.#range = range;
    return range;
  }

  #decide(
    { head, iteration, twins = [] }: SequencePass,
    rows: RequestRows | undefined,
    twinRows: readonly RequestRows[],
  ): { readonly decided: DecidedStep; readonly answer: AnsweredRows } | undefined {
    if (!head) return undefined;
    if (!rows) throw bug("A sequence received no statistics although its pass has a head request");
    if (this.#block.complete) return undefined;
    const parameters = decoderParameters(this.options, iteration);
    const answers = twins.map((twin, index) => ({ head: twin.head, rows: twinRows[index]! }));
    const { decided, answer } = this.#block.decide({ head, rows }, parameters, this.#steps, answers);
    return { decided: this.#atPositions(decided), answer };
  }

  #atPositions(decided: StepCommits): DecidedStep {
    return decided.atPositions(this.#block.start, this.options.topLogprobs !== null);
  }

  /** The rows of a pass whose positions are still undecided, where smoothing mixes their embeddings. */
  #softEmbeddings({ head, iteration }: SequencePass): StepOutcome["softEmbeddings"] {
    const { smoothing } = this.options;
    if (!smoothing || !head) return undefined;
    const rows = [...head.positions.keys()].filter((row) => this.undecided[head.positions[row]!] === 1);
    return { rows, weight: smoothingWeight(smoothing, iteration) };
  }
}

const nothingDecided = new StepCommits(new Float32Array(0));
