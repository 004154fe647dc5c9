/** A request: plain data that can be cloned (structured clone). */
import {
  boolean,
  type Choice,
  integer,
  number,
  optionalChoice,
  optionalInteger,
} from "../../declare/index.ts";
import { samplingParameters } from "../../decode/index.ts";
import { type PresetName, presetNames } from "../../model/index.ts";
import { maxTopTokens } from "../../tensor/index.ts";
import type { ChatMessage } from "../../text/index.ts";

/** A request. It has exactly one of `messages`, `prompt` and `tokens`; with `infill`, at most one of them. */
export interface GenerateRequest {
  /** A conversation, rendered by the model's chat template. */
  readonly messages?: readonly ChatMessage[];
  /** Text, which is encoded without a chat template. */
  readonly prompt?: string;
  /** Token ids. */
  readonly tokens?: readonly number[];
  /** Pinned text (or token ids) and holes, in order, after the prompt. Bidirectional models only. */
  readonly infill?: readonly InfillSegment[];
  /** An answer to start from. Bidirectional models only. */
  readonly draft?: Draft;
  /**
   * A set of matching settings. The request's other fields override it. The default is `balanced`, or no preset if the request
   * has a decoder, a cache or smoothing. `official` is the sampler of the model family.
   */
  readonly preset?: PresetName | null;
  /** Positions of the answer; by default the model's. */
  readonly genLength?: number;
  /** Maximum tokens of the answer; by default `genLength`. Blocks after the limit are not decoded. */
  readonly maxTokens?: number | null;
  /** Positions of a block; by default the model's. Null decodes the answer as one block, or in the blocks of the mask. */
  readonly blockLength?: number | null;
  /** Positions of the sub-blocks in which a block is decoded, one after the other; by default the whole block. */
  readonly subBlockLength?: number | null;
  /** Bidirectional models: start blocks at multiples of their length instead of at the prompt's end. */
  readonly alignBlocksToGrid?: boolean;
  /** Block-causal models: end the last block with the answer instead of at a block boundary of the mask. */
  readonly trimLastBlock?: boolean;
  /** Bidirectional models: the given token at the answer's last position; by default none. */
  readonly endToken?: "pad" | "stop" | null;
  /** Whether the generation ends after a block with a stop token or stop string (default), or only the text ends there. */
  readonly earlyStop?: boolean;
  /** By default the preset's; without a preset `threshold`, with the model's threshold. */
  readonly decoder?: Choice;
  /** By default the preset's; without a preset `none`, or `block` for block-causal models. */
  readonly cache?: Choice;
  /** Iteration smoothing; off by default. */
  readonly smoothing?: Readonly<Record<string, unknown>> | null;
  /** Classifier-free guidance: 0 is off. */
  readonly cfgScale?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  /** Choose the most probable token at any temperature. */
  readonly greedy?: boolean;
  /** The distribution of confidences: the plain softmax (`raw`, the default), or that which tokens are sampled from. */
  readonly confidenceFrom?: "raw" | "sampling";
  readonly seed?: number;
  /** Strings that end the answer. */
  readonly stop?: readonly string[];
  /** Tokens that end the answer, in addition to the model's own. */
  readonly stopTokens?: readonly number[];
  /**
   * Reports the log-probabilities of each committed token and of the n best tokens at its position, in the step of the commit
   * (n from 0 to 20); off by default.
   */
  readonly topLogprobs?: number | null;
  /**
   * Reports in step events the token that the pass chose at each position that stays undecided; off by default. The decode
   * loop then runs on the host.
   */
  readonly guesses?: boolean;
  /** Requests with a higher priority start first. A long wait outweighs any priority. Default 0. */
  readonly priority?: number;
  /** Time limit of the request, in ms from its acceptance; no limit by default. */
  readonly deadlineMs?: number | null;
  /** Maximum forwards. The generation then ends with the tokens decided so far; no limit by default. */
  readonly maxForwards?: number | null;
  /** Values that replace those of the model's files, for experiments. */
  readonly overrides?: ModelOverrides;
}

/** Pinned text, pinned token ids, or a hole. */
export type InfillSegment = string | readonly number[] | Hole;

/** A hole of exactly `length` tokens, or of `minimum` (default 0) to `maximum` tokens, which ends at its first stop token. */
export type Hole = { readonly length: number } | { readonly minimum?: number; readonly maximum: number };

/** An answer as text or token ids, whose least confident tokens are masked again. */
export interface Draft {
  readonly text?: string;
  readonly tokens?: readonly number[];
  /** The fraction of the draft's tokens that is masked again: above 0, at most 1. */
  readonly remaskFraction: number;
}

export interface ModelOverrides {
  readonly maskToken?: number;
  readonly stopTokens?: readonly number[];
  readonly padToken?: number;
  readonly maskBlock?: number;
  readonly origin?: "zero" | "prompt";
}

/** The parameters of a request, besides those of decoders, cache policies and smoothing. */
export const requestParameters = {
  preset: optionalChoice(presetNames, {
    default: null,
    help: "a set of matching settings; by default balanced, unless the request has a decoder, a cache or smoothing",
  }),
  ...samplingParameters,
  genLength: integer({ default: 128, minimum: 1, help: "positions of the answer" }),
  maxTokens: optionalInteger({
    default: null,
    minimum: 1,
    help: "maximum answer tokens; null for as many as the answer has positions",
  }),
  blockLength: optionalInteger({
    default: 32,
    minimum: 1,
    help: "positions of a block; null decodes the answer as one block, or in the blocks of the mask",
  }),
  alignBlocksToGrid: boolean({
    default: false,
    help: "start blocks at multiples of their length instead of at the prompt's end",
  }),
  subBlockLength: optionalInteger({
    default: null,
    minimum: 1,
    help: "positions of the sub-blocks in which a block is decoded, one after the other",
  }),
  trimLastBlock: boolean({
    default: false,
    help: "block-causal models: end the last block with the answer instead of at a block boundary of the mask",
  }),
  endToken: optionalChoice(["pad", "stop"], {
    default: null,
    help: "the given token at the answer's last position",
  }),
  earlyStop: boolean({
    default: true,
    help: "end the generation after a block with a stop; otherwise only the text ends there",
  }),
  cfgScale: number({
    default: 0,
    minimum: 0,
    help: "classifier-free guidance; 0 is off, other values double the work",
  }),
  topLogprobs: optionalInteger({
    default: null,
    minimum: 0,
    maximum: maxTopTokens,
    help: "report the log-probabilities of each committed token and of the n best tokens at its position",
  }),
  guesses: boolean({
    default: false,
    help: "report in step events the best guess at each position that stays undecided; decodes on the host",
  }),
  priority: integer({
    default: 0,
    minimum: -10,
    maximum: 10,
    help: "requests with a higher priority start first; waiting raises the priority",
  }),
  deadlineMs: optionalInteger({
    default: null,
    minimum: 1,
    help: "time limit in ms from the acceptance of the request, including the time in the queue",
  }),
  maxForwards: optionalInteger({
    default: null,
    minimum: 1,
    help: "maximum forwards; the generation then ends with the tokens decided so far",
  }),
} as const;
