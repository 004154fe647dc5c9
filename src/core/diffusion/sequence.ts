/**
 * One sequence being unmasked: a state machine that says which pass it wants next and takes its statistics.
 * It knows nothing of backends, batches or text, so it can be driven by hand.
 */
import { type CachePass, type CacheState, initialCacheState } from "../cache/index.ts";
import type { Parameters, ValuesOf } from "../declare/index.ts";
import { bug } from "../error.ts";
import type { HeadRequest, RowStatistics } from "../tensor/index.ts";
import type { StepCommits, Writes } from "./block.ts";
import type { Range } from "./canvas.ts";
import { OpenBlock } from "./openBlock.ts";
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

  constructor(options: SequenceOptions) {
    const { canvas } = options;
    const [first] = canvas.blocks;
    if (!first) throw bug("A canvas has no block");
    this.options = options;
    this.tokens = Uint32Array.from(canvas.tokens);
    this.#block = new OpenBlock(first, options, this.tokens);
  }

  get length(): number {
    return this.tokens.length;
  }

  /** Positions that are still masked. */
  get maskedCount(): number {
    return this.#maskedFrom(0, this.length).length;
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
   * Takes the answer to the pending pass.
   * @throws DiffusionError `numeric` if a row that was asked for is not finite, `invalid-request` if the decoder
   *   breaks its rules
   */
  apply(statistics: RowStatistics | undefined): StepOutcome {
    const pass = this.#pending;
    if (!pass) throw bug("A sequence was given statistics that it did not ask for");
    this.#pending = undefined;
    if (pass.prefill) this.prefills++;
    else this.forwards++;
    if (pass.refresh) this.refreshes++;
    if (!this.#cache.owed && this.#iterationsLeft > 0) this.#iterationsLeft--;
    const { start, end } = this.#block;
    const maskedCount = this.#block.maskedOffsets().length;
    const decided = this.#decide(pass, statistics);
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

  /** Moves on from the current block if it is complete and no pass is owed to it; returns it then. */
  settle(): Range | undefined {
    if (this.finished || this.#cache.owed || this.#iterationsLeft > 0 || !this.#block.complete)
      return undefined;
    const { start, end } = this.#block;
    const next = this.options.canvas.blocks[++this.#blockIndex];
    if (this.#stopsIn({ start, end })) {
      this.finished = "stop";
      for (const position of this.#maskedFrom(0, this.length))
        this.tokens[position] = this.options.stopTokens[0]!;
    } else if (next) this.#block = new OpenBlock(next, this.options, this.tokens);
    else this.finished = "length";
    return { start, end };
  }

  #plan(): SequencePass {
    const { maskToken, sampling, maskBlock, origin, shift, smoothing, decoder, forbidden } = this.options;
    if (!this.#cache.owed) this.#unroll();
    const i = this.#cache.i;
    const { start, end, refresh, prefill = false, state } = this.#nextCachePass();
    this.#cache = state;
    const visible = maskBlock === Infinity ? this.length : end;
    const span = { start, end, visible, maskBlock, origin };
    const positions = prefill ? [] : this.#wantedPositions(start, end);
    if (positions.length === 0) return { span, head: undefined, refresh, prefill, i };
    const { gather, needs } = decoder.declaration;
    const head: SequencePass["head"] = {
      ...{ positions, shift, maskToken, sampling, step: this.#steps },
      mixture: smoothing && (smoothing.topK || "exact"),
      forbidden: forbidden && positions.map((position) => forbidden.get(position) ?? []),
      gather: gather && positions.map((position) => this.#block.gather(position)),
      divergence: needs?.includes("divergence"),
    } satisfies Omit<HeadRequest, "span">;
    return { span, head, refresh, prefill, i };
  }

  /** Decides, at the start of an iteration, how many will run. In default mode none falls on a finished block. */
  #unroll(): void {
    const { unrolling, mode } = this.options;
    if (!unrolling || mode !== "reference" || this.#iterationsLeft > 0) return;
    this.#iterationsLeft = unrolledSteps(unrolling, this.#block.maskedOffsets().length);
  }

  #nextCachePass(): CachePass {
    const { cache, canvas, mode, smoothing } = this.options;
    const { declaration: policy, parameters } = cache;
    const { start, end } = this.#block;
    const view = {
      ...{ start, end, length: this.length, smoothing: smoothing !== undefined },
      previous: canvas.blocks[this.#blockIndex - 1]?.start,
    };
    return mode === "reference"
      ? policy.nextInReference(this.#cache, view, parameters)
      : policy.next(this.#cache, view, parameters);
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

  /** Whether the answer's part in a finished block holds a stop token, or the answer so far a stop string. */
  #stopsIn({ start, end }: Range): boolean {
    const { canvas, stopTokens, holdsStopString } = this.options;
    const from = Math.max(start, canvas.answer.start);
    const to = Math.min(end, canvas.answer.end);
    if (this.tokens.subarray(from, to).some((token) => stopTokens.includes(token))) return true;
    return holdsStopString?.(this.answerTo(end)) ?? false;
  }
}
