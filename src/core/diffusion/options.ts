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
  /** Asked after each block, with the answer's tokens so far: whether their text holds a stop string. */
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
  /** How many of the best tokens are told beside each one that is committed, with log-probabilities; null tells none. */
  readonly topLogprobs: number | null;
  /** Block-causal models: positions of a prompt that a pass encodes at most, a block of the mask at least. */
  readonly prefillTokens: number;
  /** After so many forwards it ends, with what is decided by then; null is never. */
  readonly maxForwards: number | null;
}
