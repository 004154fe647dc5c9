/** The options that determine how a sequence is decoded. */
import type { CachePolicy } from "../cache/index.ts";
import type { Bound } from "../declare/index.ts";
import type { Decoder } from "../decode/index.ts";
import type { Sampling } from "../tensor/index.ts";
import type { Canvas } from "./canvas.ts";
import type { Smoothing } from "./smoothing.ts";

export interface SequenceOptions {
  readonly canvas: Canvas;
  /**
   * Extends a filled canvas whose answer has not stopped: the result starts with the tokens and the blocks of that canvas.
   * Returns undefined if the answer ends with the canvas. Absent if no canvas is extended.
   */
  readonly extend?: ((canvas: Canvas, tokens: Uint32Array) => Canvas | undefined) | undefined;
  readonly maskToken: number;
  /** Tokens that end the answer. The first of them, if any, fills the positions after the stop. */
  readonly stopTokens: readonly number[];
  /** Whether a stop ends the sequence before the last block. */
  readonly earlyStop: boolean;
  /** Whether the text of these tokens contains a stop string. Called after each block, with the answer so far. */
  readonly holdsStopString?: ((tokens: readonly number[]) => boolean) | undefined;
  /** Tokens that are excluded, by position. */
  readonly forbidden: ReadonlyMap<number, readonly number[]> | undefined;
  readonly maskBlock: number;
  readonly origin: number;
  readonly shift: 0 | 1;
  readonly decoder: Bound<Decoder>;
  /** For decoders that need couplings: the number of the model's last layers that these average. */
  readonly couplingLayers?: number | undefined;
  readonly cache: Bound<CachePolicy>;
  readonly sampling: Sampling;
  readonly smoothing: Smoothing | undefined;
  /** The number of best tokens to report beside each committed token, with log-probabilities; null reports none. */
  readonly topLogprobs: number | null;
  /** Whether to report the tokens that each pass chose at the positions that stay undecided. */
  readonly guesses: boolean;
  /** Block-causal models: maximum positions of a prompt that one pass encodes, but at least one block. */
  readonly prefillTokens: number;
  /** Maximum forward passes. The sequence then ends even if positions are undecided; null for no limit. */
  readonly maxForwards: number | null;
}
