/**
 * One sequence being unmasked: a state machine that says which pass it wants next and takes its statistics.
 * It knows nothing of backends, batches or text, so it can be driven by hand.
 */
import type { CacheState } from "../cache/index.ts";
import { bug } from "../error.ts";
import type { DeviceBlock, RequestRows } from "../tensor/index.ts";
import { answerTo, finalizedUpTo, stopsBeforeOpen, stopsIn } from "./answer.ts";
import type { OffsetWrites } from "./block.ts";
import type { Range, SubBlock } from "./canvas.ts";
import { decoderParameters } from "./decoderParameters.ts";
import { Foresight } from "./foresight.ts";
import { guessesOf } from "./guesses.ts";
import { OpenBlock } from "./openBlock.ts";
import type { SequenceOptions } from "./options.ts";
import type { DecidedStep, SequencePass, StepOutcome, TokenWrites } from "./outcome.ts";
import { headOf, type PassPlace, type PassRange, rangeFrom } from "./pass.ts";
import { smoothingWeight } from "./smoothing.ts";
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
  /** The positions of the next pass, and the whole pass once it is wanted. */
  #range: PassRange | undefined;
  #pending: SequencePass | undefined;
  #encoded = 0;
  #undecidedCount: number;
  #undecidedAtStart: number;
  readonly #foresight = new Foresight();

  constructor(options: SequenceOptions) {
    const { canvas } = options;
    const [first] = canvas.blocks;
    if (!first) throw bug("A canvas has no block");
    this.#options = options;
    this.#tokens = Uint32Array.from(canvas.tokens);
    this.#undecided = canvas.undecided.slice();
    this.#block = new OpenBlock(first, options, this);
    this.#cache = options.cache.declaration.initial;
    this.#undecidedCount = this.#countUndecided();
    this.#undecidedAtStart = this.#undecidedCount;
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
    this.#range = this.#pending = undefined;
    this.#cache = this.options.cache.declaration.initial;
    this.#foresight.clear();
  }

  get length(): number {
    return this.tokens.length;
  }

  /** Positions that are still to be decoded. */
  get undecidedCount(): number {
    return this.#undecidedCount;
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

  /** The next pass: the same one until its answer is taken. */
  next(): SequencePass {
    const range = this.#nextRange();
    this.#pending ??= { ...range, head: headOf(this.#place, range, this.#steps) };
    return this.#pending;
  }

  /** Positions of the current block that are still to be decided. */
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
   * The passes of the current block, and those of the blocks behind it as far as they are certain, at most `maxBlocks`.
   * @param maxSteps steps of a block that are foreseen where each may need another pass
   */
  foresee(maxBlocks: number, maxSteps: number): readonly DeviceBlock[] {
    const range = this.#nextRange();
    const standpoint = { place: this.#place, range, state: this.#cache, index: this.#blockIndex };
    return this.#foresight.blocks(standpoint, maxBlocks, maxSteps);
  }

  /** Tokens committed so far. */
  get committed(): number {
    return this.#undecidedAtStart - this.undecidedCount;
  }

  /**
   * Takes the statistics of the next pass, and lets the decoder decide by them.
   * @throws DiffusionError `numeric` if a wanted row is not finite, `invalid-request` if the decoder breaks its rules
   */
  apply(rows: RequestRows | undefined): StepOutcome {
    const pass = this.#pending;
    if (!pass) throw bug("A sequence was given statistics of a pass that it did not plan");
    const outcome = this.#take(pass, () => this.#decide(pass, rows));
    const softEmbeddings = this.#softEmbeddings(pass);
    if (!this.options.guesses) return { ...outcome, softEmbeddings };
    return { ...outcome, guesses: guessesOf(pass.head, rows, this.undecided), softEmbeddings };
  }

  /** Takes what a device decided in the next pass. */
  applyDeviceResult(decided: DecidedStep): StepOutcome {
    return this.#take(this.#nextRange(), () => {
      this.#block.observe(decided.edits.positions.length);
      return decided;
    });
  }

  #take(range: Omit<PassRange, "decides">, decide: () => DecidedStep | undefined): StepOutcome {
    this.#range = this.#pending = undefined;
    const { span, refresh, prefill, encoded } = range;
    if (!prefill) this.forwards++;
    if (refresh) this.refreshes++;
    this.#encoded = encoded;
    const { openCount } = this.#block;
    const decided = decide();
    if (decided) {
      this.#block.write(decided);
      this.#undecidedCount -= decided.commits.positions.length;
    }
    const { commits, edits } = decided ?? {
      commits: this.#placed(undefined),
      edits: this.#placed(undefined),
    };
    return {
      step: decided ? this.#steps++ : this.#steps,
      window: { start: span.start, end: span.end },
      block: this.#part.block,
      refresh,
      prefill,
      openCount,
      ...commits,
      edits,
      softEmbeddings: undefined,
    };
  }

  /**
   * Moves on from what is complete and is owed no pass; returns the block once that was its last part. A block in which
   * the sequence stops is filled to its end; behind a filled canvas the answer goes on where the options say so. With its
   * budget spent the sequence ends in its block as that is.
   */
  advance(): Range | undefined {
    while (!this.finished && this.#mayLeaveBlock) {
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
    for (const position of undecidedPositions(this.undecided, 0, this.length)) {
      this.tokens[position] = stop;
      this.undecided[position] = 0;
    }
    this.#undecidedCount = 0;
  }

  /** Positions behind the canvas, where the answer may go on there. Caches start anew: the sequence has other keys. */
  #extend(): void {
    const canvas = this.options.extend?.(this.options.canvas, this.tokens);
    if (!canvas) return;
    const before = this.#undecidedCount;
    this.#options = { ...this.options, canvas };
    this.#tokens = Uint32Array.from(canvas.tokens);
    this.#undecided = canvas.undecided.slice();
    this.#undecidedCount = this.#countUndecided();
    this.#undecidedAtStart += this.#undecidedCount - before;
    const { initial } = this.options.cache.declaration;
    this.#cache = { ...initial, iteration: this.#cache.iteration };
    this.#encoded = 0;
    this.#foresight.clear();
  }

  get #mayLeaveBlock(): boolean {
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

  #countUndecided(): number {
    return undecidedPositions(this.undecided, 0, this.options.canvas.blocks.at(-1)!.end).length;
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

  #decide({ head, iteration }: SequencePass, rows: RequestRows | undefined): DecidedStep | undefined {
    if (!head) return undefined;
    if (!rows) throw bug("A sequence was given no statistics although its pass has a head request");
    if (this.#block.complete) return undefined;
    const parameters = decoderParameters(this.options, iteration);
    const { commits, edits } = this.#block.decide(head, rows, parameters, this.#steps);
    return { commits: this.#placed(commits), edits: this.#placed(edits) };
  }

  /** Writes at offsets of the current block as writes at positions. */
  #placed(writes: OffsetWrites | undefined): TokenWrites {
    const { start } = this.#block;
    const positions = writes?.offsets.map((offset) => start + offset) ?? [];
    const tokens = writes?.tokens ?? [];
    const confidences = writes?.confidences ?? [];
    if (this.options.topLogprobs === null) return { positions, tokens, confidences };
    return { positions, tokens, confidences, logprobs: writes?.logprobs ?? [] };
  }

  #softEmbeddings({ head, iteration }: SequencePass): StepOutcome["softEmbeddings"] {
    const { smoothing } = this.options;
    if (!smoothing || !head) return undefined;
    const rows = [...head.positions.keys()].filter((row) => this.undecided[head.positions[row]!] === 1);
    return { rows, weight: smoothingWeight(smoothing, iteration) };
  }
}
