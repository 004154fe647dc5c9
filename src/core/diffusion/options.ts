/** Everything that decides how one sequence is decoded. */
import type { CachePolicy } from "../cache/index.ts";
import type { Bound } from "../declare/index.ts";
import type { Decoder } from "../decode/index.ts";
import type { Sampling } from "../tensor/index.ts";
import type { Canvas } from "./canvas.ts";
import type { Smoothing } from "./smoothing.ts";

export interface SequenceOptions {
  readonly canvas: Canvas;
  /**
   * The canvas that continues a filled one whose answer has not stopped: its first tokens are those of the filled canvas, its
   * first blocks are the same. Undefined where the answer ends with the canvas.
   */
  readonly extend?: ((canvas: Canvas, tokens: Uint32Array) => Canvas | undefined) | undefined;
  readonly maskToken: number;
  /** A block that holds one of these ends the sequence; the first one, if any, fills what is left. */
  readonly stopTokens: readonly number[];
  /** Whether it ends so before its last block. */
  readonly earlyStop: boolean;
  /** Whether the text of the answer's tokens so far holds a stop string; called after each block. */
  readonly holdsStopString?: ((tokens: readonly number[]) => boolean) | undefined;
  /** By position: tokens that may not stand there. */
  readonly forbidden: ReadonlyMap<number, readonly number[]> | undefined;
  readonly maskBlock: number;
  readonly origin: number;
  readonly shift: 0 | 1;
  readonly decoder: Bound<Decoder>;
  readonly cache: Bound<CachePolicy>;
  readonly sampling: Sampling;
  readonly smoothing: Smoothing | undefined;
  /** The number of best tokens to report beside each committed token, with log-probabilities; null reports none. */
  readonly topLogprobs: number | null;
  /** Whether to report the tokens that each pass chose at the positions that stay undecided. */
  readonly guesses: boolean;
  /** Block-causal models: positions of a prompt that a pass encodes at most, a block of the mask at least. */
  readonly prefillTokens: number;
  /** Maximum forward passes: the sequence then ends with the decisions made by then; null is no limit. */
  readonly maxForwards: number | null;
}
