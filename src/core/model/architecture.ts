/** The result of reading a configuration: the shapes and options of one decoder body. */
import type { Routing } from "../tensor/index.ts";
import type { RotaryPositions } from "./ropeScaling.ts";

export interface DenseFeedForward {
  readonly kind: "dense";
  readonly intermediate: number;
}
export interface ExpertsFeedForward {
  readonly kind: "experts";
  readonly experts: number;
  /** Experts per token. */
  readonly topK: number;
  readonly intermediate: number;
  /** How the op `route` selects and weights experts. */
  readonly routing: Routing;
  /** Whether the router has a bias. */
  readonly bias: boolean;
}

/** The body of a model, from its config.json. */
export interface Body extends RotaryPositions {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDimension: number;
  /** Epsilon of every RMS norm. */
  readonly epsilon: number;
  /** The maximum number of positions of a sequence. */
  readonly context: number;
  readonly queryKeyNorm: boolean;
  readonly qkvBias: boolean;
  /** One for each layer. */
  readonly feedForward: readonly (DenseFeedForward | ExpertsFeedForward)[];
}

export interface Architecture extends Body {
  /** Whether the head's weight is the embedding. */
  readonly tied: boolean;
}

/** Names of a family's tensors in checkpoints, including `.weight` and `.bias`. */
export interface TensorNames {
  readonly embedding: string;
  readonly finalNorm: string;
  readonly head: string;
  /** Whether rows of queries and keys are stored as the transform `interleaved`, a group a head. */
  readonly interleavedHeads?: boolean;
  layer(index: number): LayerNames;
}
export interface LayerNames {
  readonly attentionNorm: string;
  /** One tensor with the rows of query, key and value, instead of three tensors. */
  readonly qkv?: string;
  readonly query?: string;
  readonly key?: string;
  readonly value?: string;
  readonly queryBias?: string;
  readonly keyBias?: string;
  readonly valueBias?: string;
  readonly queryNorm?: string;
  readonly keyNorm?: string;
  readonly output: string;
  readonly feedForwardNorm: string;
  readonly gate?: string;
  readonly up?: string;
  readonly down?: string;
  readonly router?: string;
  readonly routerBias?: string;
  expert?(index: number): FeedForwardNames;
  /** One tensor of all experts for each projection, [experts, rows, columns], instead of tensors of their own. */
  readonly expertStacks?: FeedForwardNames;
  readonly sharedExpert?: FeedForwardNames;
}
export interface FeedForwardNames {
  readonly gate: string;
  readonly up: string;
  readonly down: string;
}
