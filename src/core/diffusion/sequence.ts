/**
 * One sequence being unmasked: a state machine that says which pass it wants next and takes its statistics.
 * It knows nothing of backends, batches or text, so it can be driven by hand.
 */
import { type CachePass, type CacheState, initialCacheState } from "../cache/index.ts";
import type { Parameters, ValuesOf } from "../declare/index.ts";
import { bug } from "../error.ts";
import { type HeadRequest, type RowStatistics, visibleKeys } from "../tensor/index.ts";
import type { StepCommits, Writes } from "./block.ts";
import type { Block, Range } from "./canvas.ts";
import { type BlockProgress, OpenBlock } from "./openBlock.ts";
import type { SequenceOptions } from "./options.ts";
import type { Placed, SequencePass, StepOutcome } from "./outcome.ts";
import { smoothingThreshold, smoothingWeight } from "./smoothing.ts";
import { unrolledSteps } from "./unrolling.ts";

export type FinishReason = "stop" | "length";

export class Sequence {
  readonly options: SequenceOptions;
  /** Masked positions hold the mask token. */
  readonly tokens: Uint32Array;
  /** Model passes but those of the prefill, and those of them that refreshed a cache. */
  forwards = 0;
  refreshes = 0;
  prefills = 0;
  /** Why it ended; undefined while it goes on. */
  finished: FinishReason | undefined;
  /** Decode steps so far: a part of the random generator's counter. */
  #steps = 0;
  #blockIndex = 0;
  #block: OpenBlock;
  #cache: CacheState = initialCacheState;
  /** Unrolling: iterations that are still to come before the block may be left. */
  #iterationsLeft = 0;
  #pending: SequencePass | undefined;
  readonly #masksAtStart: number;

  constructor(options: SequenceOptions) {
    const { canvas } = options;
    const [first] = canvas.blocks;
    if (!first) throw bug("A canvas has no block");
    this.options = options;
    this.tokens = Uint32Array.from(canvas.tokens);
    this.#block = new OpenBlock(first, options, this.tokens);
    this.#masksAtStart = this.maskedCount;
  }

  get length(): number {
    return this.tokens.length;
  }

  /** Positions that are still to be decoded. */
  get maskedCount(): number {
    return this.#maskedFrom(0, this.options.canvas.blocks.at(-1)!.end).length;
  }

  /** The answer's tokens up to a position, and up to the first stop token. */
  answerTo(end: number): readonly number[] {
    const { canvas, stopTokens } = this.options;
    const tokens = this.tokens.subarray(canvas.answer.start, Math.min(end, canvas.answer.end));
    const stop = tokens.findIndex((token) => stopTokens.includes(token));
    return Array.from(stop < 0 ? tokens : tokens.subarray(0, stop));
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
    const passes = [this.next()];
    let state = this.#cache;
    while (passes.length < count) {
      const planned = this.#passFrom(state, this.#steps + passes.length);
      state = planned.state;
      passes.push(planned.pass);
    }
    return passes;
  }

  /** What a device has to know of the current block to decide for itself. */
  get block(): BlockProgress {
    return this.#block.progress(this.#steps);
  }

  /** Whether the current block needs no more steps. */
  get blockComplete(): boolean {
    return this.#block.complete;
  }

  /** Tokens committed so far. */
  get committed(): number {
    return this.#masksAtStart - this.maskedCount;
  }

  /** The decoder's parameters in a pass, with smoothing's threshold in place of its own; and smoothing's weight. */
  choicesIn({ i }: SequencePass): { readonly parameters: ValuesOf<Parameters>; readonly weight: number } {
    const { smoothing } = this.options;
    const weight = smoothing ? smoothingWeight(smoothing, i) : 0;
    return { parameters: this.#decoderParameters(i), weight };
  }

  /**
   * Takes the answer to the pending pass.
   * @throws DiffusionError `numeric` if a row that was asked for is not finite, `invalid-request` if the decoder
   *   breaks its rules
   */
  apply(statistics: RowStatistics | undefined): StepOutcome {
    return this.#take((pass) => this.#decide(pass, statistics));
  }

  /** Takes what a device decided in the pending pass; undefined if that was not for it to decide. */
  follow(decided: StepCommits | undefined): StepOutcome {
    return this.#take(() => {
      if (decided) this.#block.follow(decided);
      return decided;
    });
  }

  #take(decide: (pass: SequencePass) => StepCommits | undefined): StepOutcome {
    const pass = this.#pending;
    if (!pass) throw bug("A sequence was given statistics that it did not ask for");
    this.#pending = undefined;
    if (pass.prefill) this.prefills++;
    else this.forwards++;
    if (pass.refresh) this.refreshes++;
    if (!this.#cache.owed && this.#iterationsLeft > 0) this.#iterationsLeft--;
    const { start, end } = this.#block;
    const maskedCount = this.#block.maskedOffsets().length;
    const decided = decide(pass);
    return {
      step: decided ? this.#steps++ : this.#steps,
      window: { start: pass.span.start, end: pass.span.end },
      block: { start, end },
      refresh: pass.refresh,
      prefill: pass.prefill,
      maskedCount,
      ...this.#write(decided?.commits),
      edits: this.#write(decided?.edits),
      soften: this.#soften(pass),
    };
  }

  /**
   * Moves on from what is complete and is owed no pass; returns the block once that was its last part. A block in which
   * the sequence stops is filled to its end.
   */
  settle(): Range | undefined {
    while (!this.finished && this.#settled) {
      const { end, whole } = this.#part;
      const next = this.options.canvas.blocks[this.#blockIndex + 1];
      if (this.#stops(next === undefined)) {
        this.finished = "stop";
        for (const position of this.#maskedFrom(0, this.length))
          this.tokens[position] = this.options.stopTokens[0]!;
        return whole;
      }
      if (next) {
        this.#blockIndex++;
        this.#block = new OpenBlock(next, this.options, this.tokens);
      } else this.finished = "length";
      if (next?.whole.start !== whole.start) return { start: whole.start, end };
    }
    return undefined;
  }

  get #settled(): boolean {
    return !this.#cache.owed && this.#iterationsLeft === 0 && this.#block.complete;
  }

  get #part(): Block {
    return this.options.canvas.blocks[this.#blockIndex]!;
  }

  #plan(): SequencePass {
    if (!this.#cache.owed) this.#unroll();
    const { pass, state } = this.#passFrom(this.#cache, this.#steps);
    this.#cache = state;
    return pass;
  }

  /** The pass that the cache policy wants in a state, as the sequence's step `step`; and the state after it. */
  #passFrom(before: CacheState, step: number): { readonly pass: SequencePass; readonly state: CacheState } {
    const { maskToken, sampling, shift, smoothing, decoder, forbidden } = this.options;
    const { i } = before;
    const { start, end, refresh, prefill = false, state } = this.#nextCachePass(before);
    const positions = prefill ? [] : this.#wantedPositions(start, end);
    const span = this.#spanOf(start, end, positions);
    if (positions.length === 0) return { pass: { span, head: undefined, refresh, prefill, i }, state };
    const { gather, needs } = decoder.declaration;
    const head: SequencePass["head"] = {
      ...{ positions, shift, maskToken, sampling, step },
      mixture: smoothing && (smoothing.topK || "exact"),
      forbidden: forbidden && positions.map((position) => forbidden.get(position) ?? []),
      gather: gather && positions.map((position) => this.#block.gather(position)),
      divergence: needs?.includes("divergence"),
    } satisfies Omit<HeadRequest, "span">;
    return { pass: { span, head, refresh, prefill, i }, state };
  }

  /**
   * The pass over [start, end) from which these positions are predicted: it reaches back to the first row that predicts
   * one, and no further than the last such row sees.
   */
  #spanOf(start: number, end: number, positions: readonly number[]): SequencePass["span"] {
    const { maskBlock, origin, shift } = this.options;
    const visible = maskBlock === Infinity ? this.length : Math.max(end, this.#part.whole.end);
    const span = { start, end, visible, maskBlock, origin };
    if (positions.length === 0) return span;
    const first = Math.max(0, positions[0]! - shift);
    const seen = visibleKeys(span, Math.max(0, positions.at(-1)! - shift));
    return {
      ...span,
      start: Math.min(start, first),
      end: Math.min(end, seen),
      visible: Math.min(visible, seen),
    };
  }

  /** Decides, at the start of an iteration, how many will run. In default mode none falls on a finished block. */
  #unroll(): void {
    const { unrolling, mode } = this.options;
    if (!unrolling || mode !== "reference" || this.#iterationsLeft > 0) return;
    this.#iterationsLeft = unrolledSteps(unrolling, this.#block.maskedOffsets().length);
  }

  #nextCachePass(before: CacheState): CachePass {
    const { cache, canvas, mode, smoothing, shift } = this.options;
    const { declaration: policy, parameters } = cache;
    const { whole, ...part } = this.#part;
    const wanted = this.#block.wantedPositions();
    const rows = wanted.length > 0 ? { start: wanted[0]! - shift, end: wanted.at(-1)! - shift + 1 } : part;
    const view = {
      ...{ start: whole.start, end: whole.end, length: this.length, part, rows },
      smoothing: smoothing !== undefined,
      previous: canvas.blocks.findLast((block) => block.end <= whole.start)?.whole.start,
    };
    return mode === "reference"
      ? policy.nextInReference(before, view, parameters)
      : policy.next(before, view, parameters);
  }

  /** What the decoder needs; with smoothing, every masked position that the pass computes too. Ascending. */
  #wantedPositions(start: number, end: number): readonly number[] {
    const wanted = this.#block.wantedPositions();
    if (!this.options.smoothing) return wanted;
    return [...new Set([...wanted, ...this.#maskedFrom(start, end)])].sort((a, b) => a - b);
  }

  #decide({ head, i }: SequencePass, rows: RowStatistics | undefined): StepCommits | undefined {
    if (!head) return undefined;
    if (!rows) throw bug("A sequence was given no statistics although it asked for some");
    if (this.#block.complete) return undefined;
    return this.#block.decide(head.positions, rows, this.#decoderParameters(i), this.#steps);
  }

  /** The decoder's parameters, with smoothing's threshold of pass i in place of its own. */
  #decoderParameters(i: number): ValuesOf<Parameters> {
    const { smoothing, decoder } = this.options;
    const name = decoder.declaration.smoothed;
    if (!smoothing || !name) return decoder.parameters;
    const threshold = smoothingThreshold(smoothing, Number(decoder.parameters[name]), i);
    return { ...decoder.parameters, [name]: threshold };
  }

  #write(writes: Writes | undefined): Placed {
    const positions = writes?.offsets.map((offset) => this.#block.start + offset) ?? [];
    const tokens = writes?.tokens ?? [];
    positions.forEach((position, index) => {
      this.tokens[position] = tokens[index]!;
    });
    return { positions, tokens, confidences: writes?.confidences ?? [] };
  }

  #soften({ head, i }: SequencePass): StepOutcome["soften"] {
    const { smoothing, maskToken } = this.options;
    if (!smoothing || !head) return undefined;
    const rows = [...head.positions.keys()].filter((row) => this.tokens[head.positions[row]!] === maskToken);
    return { rows, weight: smoothingWeight(smoothing, i) };
  }

  #maskedFrom(start: number, end: number): readonly number[] {
    const positions: number[] = [];
    for (let position = start; position < end; position++) {
      if (this.tokens[position] === this.options.maskToken) positions.push(position);
    }
    return positions;
  }

  /**
   * Whether the answer's part in what was just completed holds a stop token, or the answer so far a stop string. Without
   * early stop, both are asked of the whole answer at its end.
   */
  #stops(last: boolean): boolean {
    const { canvas, stopTokens, earlyStop, holdsStopString } = this.options;
    if (!earlyStop && !last) return false;
    const { start, end } = this.#part;
    const from = earlyStop ? Math.max(start, canvas.answer.start) : canvas.answer.start;
    const to = Math.min(end, canvas.answer.end);
    if (this.tokens.subarray(from, to).some((token) => stopTokens.includes(token))) return true;
    return holdsStopString?.(this.answerTo(end)) ?? false;
  }
}
