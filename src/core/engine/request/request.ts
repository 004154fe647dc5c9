/** What a caller asks for: plain data that structured cloning carries. */
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

/** What is answered: exactly one of `messages`, `prompt` and `tokens`; beside `infill`, at most one. */
export interface GenerateRequest {
  /** A conversation, rendered by the model's chat template. */
  readonly messages?: readonly ChatMessage[];
  /** Text, taken as it is. */
  readonly prompt?: string;
  /** Token ids, taken as they are. */
  readonly tokens?: readonly number[];
  /** Pinned text (or token ids) and holes, in order: what follows the prompt. Bidirectional models only. */
  readonly infill?: readonly InfillSegment[];
  /** An answer to start from. Bidirectional models only. */
  readonly draft?: Draft;
  /**
   * Settings that go together; what else the request says comes before them. By default `balanced`, unless the
   * request itself names a decoder, a cache or smoothing. `official` is the family's own sampler.
   */
  readonly preset?: PresetName | null;
  /** Positions to be generated; by default the model's. */
  readonly genLength?: number;
  /** Maximum tokens of the answer; by default `genLength`. Blocks behind the last of them are not decoded. */
  readonly maxTokens?: number | null;
  /** Positions of a block; by default the model's. With null the answer is one, or a block the mask's. */
  readonly blockLength?: number | null;
  /** Positions of the parts in which a block is decoded, one after the other; by default a block is one. */
  readonly subBlockLength?: number | null;
  /** Start blocks on multiples of their length, not at the prompt's end (bidirectional models). */
  readonly alignBlocksToGrid?: boolean;
  /** End the last block with the answer, not on the mask's grid (block-causal models). */
  readonly trimLastBlock?: boolean;
  /** What stands at the answer's last position from the start; by default a mask (bidirectional models). */
  readonly endToken?: "pad" | "stop" | null;
  /** End after the block that holds a stop token or string; true by default. Else the text alone ends there. */
  readonly earlyStop?: boolean;
  /** By default the preset's; beside other choices threshold, with the model's threshold. */
  readonly decoder?: Choice;
  /** By default the preset's; beside other choices none, and block for block-causal models. */
  readonly cache?: Choice;
  /** Iteration smoothing; off by default. */
  readonly smoothing?: Readonly<Record<string, unknown>> | null;
  /** Classifier-free guidance: 0 is off. */
  readonly cfgScale?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  /** Take the most probable token at any temperature. */
  readonly greedy?: boolean;
  /** Of which distribution decoders see scores: the plain softmax by default, or the one that tokens are drawn from. */
  readonly confidenceFrom?: "raw" | "sampling";
  readonly seed?: number;
  /** Strings that end the answer. */
  readonly stop?: readonly string[];
  /** Tokens that end the answer, beside the model's own. */
  readonly stopTokens?: readonly number[];
  /**
   * Reports the log-probability of each committed token in its step, and the n best tokens beside it (0 to 20); off by
   * default.
   */
  readonly topLogprobs?: number | null;
  /**
   * Reports in step events the token that the pass chose at each position that stays undecided; off by default. The decode
   * loop then runs on the host.
   */
  readonly guesses?: boolean;
  /** Waiting requests with a higher priority go first; one that has waited long goes before any. Default 0. */
  readonly priority?: number;
  /** Milliseconds from its acceptance after which the request fails; no limit by default. */
  readonly deadlineMs?: number | null;
  /** Forwards after which the generation ends, with the tokens that are decided by then; no limit by default. */
  readonly maxForwards?: number | null;
  /** In place of what the model's files say; for experiments. */
  readonly overrides?: ModelOverrides;
}

/** Text or token ids that stay as they are, or a hole. */
export type InfillSegment = string | readonly number[] | Hole;

/** A hole of exactly `length` tokens, or of `minimum` (default 0) to `maximum`: then it ends at its first stop token. */
export type Hole = { readonly length: number } | { readonly minimum?: number; readonly maximum: number };

/** Text or token ids, of which the least confident are masked again. */
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

/** The request's own parameters, beside those that decoders, caches and smoothing declare. */
export const requestParameters = {
  preset: optionalChoice(presetNames, {
    default: null,
    help: "settings that go together; balanced where the request decides nothing itself",
  }),
  ...samplingParameters,
  genLength: integer({ default: 128, minimum: 1, help: "positions to be generated" }),
  maxTokens: optionalInteger({
    default: null,
    minimum: 1,
    help: "maximum answer tokens; null is as many as there are positions",
  }),
  blockLength: optionalInteger({
    default: 32,
    minimum: 1,
    help: "positions of a block; null makes the answer one, or takes the mask's blocks",
  }),
  alignBlocksToGrid: boolean({
    default: false,
    help: "start blocks on multiples of their length, not at the prompt's end",
  }),
  subBlockLength: optionalInteger({
    default: null,
    minimum: 1,
    help: "positions of the parts in which a block is decoded, one after the other",
  }),
  trimLastBlock: boolean({
    default: false,
    help: "block-causal models: end the last block with the answer, not on the mask's grid",
  }),
  endToken: optionalChoice(["pad", "stop"], {
    default: null,
    help: "the token that stands at the answer's last position from the start",
  }),
  earlyStop: boolean({
    default: true,
    help: "end after the block that holds a stop; else only the text ends there",
  }),
  cfgScale: number({
    default: 0,
    minimum: 0,
    help: "classifier-free guidance; 0 is off, above doubles the work",
  }),
  topLogprobs: optionalInteger({
    default: null,
    minimum: 0,
    maximum: maxTopTokens,
    help: "report in step events the log-probability of each committed token and of the n best tokens beside it",
  }),
  guesses: boolean({
    default: false,
    help: "report in step events the best guess at each position that stays undecided; decodes on the host",
  }),
  priority: integer({
    default: 0,
    minimum: -10,
    maximum: 10,
    help: "waiting requests with a higher priority go first; waiting raises it",
  }),
  deadlineMs: optionalInteger({
    default: null,
    minimum: 1,
    help: "ms from its acceptance after which the request fails, waiting or running",
  }),
  maxForwards: optionalInteger({
    default: null,
    minimum: 1,
    help: "forwards after which the generation ends, with what is decided by then",
  }),
} as const;
