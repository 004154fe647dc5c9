/** The input and the output of a decoder in one step: the view of a block, and the decisions. */
import type { BlockView, Commits } from "../decode/index.ts";
import { gumbel, RandomStream, uniform } from "../decode/philox.ts";
import {
  type Couplings,
  couplingsOf,
  emptyStatistics,
  gatheredLogits,
  type RequestRows,
  type Sampling,
  type Statistics,
  type TokenLogprobs,
} from "../tensor/index.ts";
import type { Range } from "./canvas.ts";
import type { Branch, DecidedStep, TokenWrites } from "./outcome.ts";

/** The fields of a block's view other than its statistics. */
export interface BlockFacts
  extends Pick<BlockView, "open" | "known" | "current" | "openAtStart" | "sequenceLength"> {
  /** Decode steps before this one, of the block and of the sequence. */
  readonly step: number;
  readonly sequenceStep: number;
  readonly sampling: Sampling;
}

/** The statistics of a block's positions, indexed by offset. All steps of a block use the same arrays. */
export class BlockStatistics {
  readonly values: Statistics;
  readonly #start: number;
  readonly #divergence: Float32Array;
  readonly #shadowProbability: Float32Array;
  /** The logits of the tokens that the decoder's `gather` named, by offset. */
  #gathered: ReadonlyMap<number, Float32Array> = noneGathered;
  readonly #couplings: BlockCouplings;

  constructor({ start, end }: Range) {
    this.#start = start;
    this.values = emptyStatistics(end - start);
    this.#divergence = new Float32Array(end - start).fill(Infinity);
    this.#couplings = new BlockCouplings(end - start);
    this.#shadowProbability = new Float32Array(end - start);
  }

  /** Copies the statistics of a head request for `positions`. Positions outside the block are ignored. */
  read({ statistics, firstRow }: RequestRows, positions: readonly number[]): void {
    const { values } = this;
    const { couplings, divergence, gathered } = statistics;
    const logits = gathered && new Map<number, Float32Array>();
    const length = values.token.length;
    if (divergence) this.#divergence.fill(Infinity);
    for (let index = 0; index < positions.length; index++) {
      const offset = positions[index]! - this.#start;
      if (offset < 0 || offset >= length) continue;
      const row = firstRow + index;
      values.token[offset] = statistics.token[row]!;
      values.confidence[offset] = statistics.confidence[row]!;
      values.best[offset] = statistics.best[row]!;
      values.bestLogit[offset] = statistics.bestLogit[row]!;
      values.bestProbability[offset] = statistics.bestProbability[row]!;
      values.secondProbability[offset] = statistics.secondProbability[row]!;
      values.entropy[offset] = statistics.entropy[row]!;
      values.logSumExp[offset] = statistics.logSumExp[row]!;
      if (couplings) this.#couplings.read(couplings, offset, row, index);
      if (divergence) this.#divergence[offset] = divergence[row]!;
      if (gathered) logits?.set(offset, gatheredLogits(gathered, row));
    }
    this.#gathered = logits ?? noneGathered;
  }

  /** Takes the probability of the one gathered token of each shadow row. */
  readShadow({ statistics, firstRow }: RequestRows, positions: readonly number[]): void {
    for (const [index, position] of positions.entries()) {
      const row = firstRow + index;
      const [logit] = gatheredLogits(statistics.gathered!, row);
      const below = logit! - statistics.bestLogit[row]!;
      this.#shadowProbability[position - this.#start] = Math.exp(below - statistics.logSumExp[row]!);
    }
  }

  /** The decoder's view of the block in one step. */
  view({ sequenceStep, sampling, ...facts }: BlockFacts): BlockView {
    const { seed, temperature } = sampling;
    const start = this.#start;
    const gathered = this.#gathered;
    const couplings = this.#couplings;
    const { values } = this;
    return {
      open: facts.open,
      known: facts.known,
      current: facts.current,
      openAtStart: facts.openAtStart,
      sequenceLength: facts.sequenceLength,
      step: facts.step,
      start,
      length: values.token.length,
      token: values.token,
      confidence: values.confidence,
      best: values.best,
      bestLogit: values.bestLogit,
      bestProbability: values.bestProbability,
      secondProbability: values.secondProbability,
      entropy: values.entropy,
      logSumExp: values.logSumExp,
      divergence: this.#divergence,
      shadowProbability: this.#shadowProbability,
      gathered: (offset) => gathered.get(offset) ?? noLogits,
      coupling: (query, key) => couplings.between(query, key),
      random: (offset) => uniform(seed, RandomStream.order, start + offset, sequenceStep, 0),
      noise: (offset, id) =>
        temperature === 0 ? 0 : temperature * gumbel(seed, start + offset, sequenceStep, id),
    };
  }
}

/** The couplings of a block's positions in one step, by offset. */
class BlockCouplings {
  /** Of each offset: the couplings of its row, and its index in every row. */
  readonly #rows: (Float32Array | undefined)[];
  readonly #columns: Uint32Array;

  constructor(length: number) {
    this.#rows = new Array<Float32Array | undefined>(length).fill(undefined);
    this.#columns = new Uint32Array(length);
  }

  read(couplings: Couplings, offset: number, row: number, index: number): void {
    this.#rows[offset] = couplingsOf(couplings, row);
    this.#columns[offset] = index;
  }

  between(query: number, key: number): number {
    return this.#rows[query]?.[this.#columns[key]!] ?? 0;
  }
}

const noLogits = new Float32Array(0);
const noneGathered: ReadonlyMap<number, Float32Array> = new Map();

/** Tokens that a decoder wrote to offsets, in the order of writing. */
export class OffsetWrites {
  readonly offsets: number[] = [];
  readonly tokens: number[] = [];
  readonly confidences: number[] = [];
  /** One entry per write; undefined unless log-probabilities were requested. */
  logprobs: readonly TokenLogprobs[] | undefined;

  add(offset: number, token: number, confidence: number): void {
    this.offsets.push(offset);
    this.tokens.push(token);
    this.confidences.push(confidence);
  }

  /** Writes a branch's token, before the other writes. @param logprobs of the token, if they were requested */
  prepend({ offset, token, confidence }: Branch, logprobs: readonly TokenLogprobs[] | undefined): void {
    this.offsets.unshift(offset);
    this.tokens.unshift(token);
    this.confidences.unshift(confidence);
    if (this.logprobs && logprobs) this.logprobs = [...logprobs, ...this.logprobs];
  }

  /** The same writes at positions of the sequence, for a block that begins at `start`. */
  atPositions(start: number, hasLogprobs: boolean): TokenWrites {
    const { offsets, tokens, confidences, logprobs = [] } = this;
    const positions = offsets.map((offset) => start + offset);
    return hasLogprobs ? { positions, tokens, confidences, logprobs } : { positions, tokens, confidences };
  }
}

/** A decoder's decisions in one step. */
export class StepCommits implements Commits {
  readonly commits = new OffsetWrites();
  readonly edits = new OffsetWrites();
  /** The offsets that become undecided again. */
  readonly revoked: number[] = [];
  /** The branches that the next pass computes. */
  readonly branches: Branch[] = [];
  readonly #confidence: Float32Array;

  /** @param confidence by offset: the confidence of a decision for which the decoder gives none */
  constructor(confidence: Float32Array) {
    this.#confidence = confidence;
  }

  commit(offset: number, token: number, confidence = this.#confidence[offset]!): void {
    this.commits.add(offset, token, confidence);
  }
  edit(offset: number, token: number, confidence = this.#confidence[offset]!): void {
    this.edits.add(offset, token, confidence);
  }
  revoke(offset: number): void {
    this.revoked.push(offset);
  }
  branch(offset: number, token: number, confidence = this.#confidence[offset]!): void {
    this.branches.push({ offset, token, confidence });
  }

  /** The same decisions at positions of the sequence, for a block that begins at `start`. */
  atPositions(start: number, hasLogprobs: boolean): DecidedStep {
    const commits = this.commits.atPositions(start, hasLogprobs);
    const edits = this.edits.atPositions(start, hasLogprobs);
    if (this.revoked.length === 0) return { commits, edits };
    return { commits, edits, revoked: this.revoked.map((offset) => start + offset) };
  }
}
