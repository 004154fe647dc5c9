/** A block while it is being decoded: what a decoder sees of it, and what it decides. */
import type { BlockView, Commits } from "../decode/index.ts";
import { gumbel, RandomStream, uniform } from "../decode/philox.ts";
import {
  emptyStatistics,
  type RowStatistics,
  type Sampling,
  type Statistics,
  type TokenLogprobs,
} from "../tensor/index.ts";

/** What of a block is not statistics. */
export interface BlockFacts
  extends Pick<BlockView, "open" | "known" | "current" | "openAtStart" | "start" | "sequenceLength"> {
  /** Decode steps of the block, and of the sequence, before this one. */
  readonly step: number;
  readonly sequenceStep: number;
  readonly sampling: Sampling;
}

/** The statistics of some positions, placed at their offsets in a block. */
export class BlockStatistics {
  readonly values: Statistics;
  readonly #divergence: Float32Array;
  readonly #gathered = new Map<number, Float32Array>();

  constructor(length: number) {
    this.values = emptyStatistics(length);
    this.#divergence = new Float32Array(length).fill(Infinity);
  }

  set(offset: number, from: RowStatistics, row: number): void {
    for (const name of Object.keys(this.values) as (keyof Statistics)[])
      this.values[name][offset] = from[name][row]!;
    if (from.divergence) this.#divergence[offset] = from.divergence[row]!;
    const gathered = from.gathered?.[row];
    if (gathered) this.#gathered.set(offset, gathered);
  }

  /** What the decoder is shown. */
  view({ sequenceStep, sampling, ...facts }: BlockFacts): BlockView {
    const { seed, temperature } = sampling;
    const { start } = facts;
    return {
      ...facts,
      ...this.values,
      divergence: this.#divergence,
      length: this.values.token.length,
      gathered: (offset) => this.#gathered.get(offset) ?? nothing,
      random: (offset) => uniform(seed, RandomStream.order, start + offset, sequenceStep, 0),
      noise: (offset, id) =>
        temperature === 0 ? 0 : temperature * gumbel(seed, start + offset, sequenceStep, id),
    };
  }
}

const nothing = new Float32Array(0);

/** Tokens written to offsets, in the order in which the decoder wrote them. */
export class OffsetWrites {
  readonly offsets: number[] = [];
  readonly tokens: number[] = [];
  readonly confidences: number[] = [];
  /** By offset, where they are wanted. */
  logprobs: readonly TokenLogprobs[] | undefined;

  add(offset: number, token: number, confidence: number): void {
    this.offsets.push(offset);
    this.tokens.push(token);
    this.confidences.push(confidence);
  }
}

/** Decisions of one step. */
export class StepCommits implements Commits {
  readonly commits = new OffsetWrites();
  readonly edits = new OffsetWrites();
  readonly #confidence: Float32Array;

  /** @param confidence by offset: what a decision is recorded with if the decoder names none */
  constructor(confidence: Float32Array) {
    this.#confidence = confidence;
  }

  commit(offset: number, token: number, confidence = this.#confidence[offset]!): void {
    this.commits.add(offset, token, confidence);
  }
  edit(offset: number, token: number, confidence = this.#confidence[offset]!): void {
    this.edits.add(offset, token, confidence);
  }
}
