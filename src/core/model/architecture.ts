/** What a family's configuration comes down to: the shapes and switches of one decoder body. */
import type { Routing } from "../tensor/index.ts";
import type { RotaryPositions } from "./ropeScaling.ts";

export interface DenseFeedForward {
  readonly kind: "dense";
  readonly intermediate: number;
}
export interface ExpertsFeedForward {
  readonly kind: "experts";
  readonly experts: number;
  /** Experts a token. */
  readonly topK: number;
  readonly intermediate: number;
  /** How experts are chosen and weighted, as the op `route` has it. */
  readonly routing: Routing;
  /** Whether the router has a bias. */
  readonly bias: boolean;
}

/** A family's body, as its config.json says. */
export interface Body extends RotaryPositions {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly headDimension: number;
  /** Of every RMS norm. */
  readonly epsilon: number;
  /** The most positions of a sequence. */
  readonly context: number;
  readonly queryKeyNorm: boolean;
  readonly qkvBias: boolean;
  /** One a layer. */
  readonly feedForward: readonly (DenseFeedForward | ExpertsFeedForward)[];
}

export interface Architecture extends Body {
  /** The head is the embedding. */
  readonly tied: boolean;
}

/** Names of a family's tensors in its checkpoints, `.weight` and `.bias` included. */
export interface TensorNames {
  readonly embedding: string;
  readonly finalNorm: string;
  readonly head: string;
  layer(index: number): LayerNames;
}
export interface LayerNames {
  readonly attentionNorm: string;
  /** Query, key and value rows in one tensor, in place of the three. */
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
  readonly sharedExpert?: FeedForwardNames;
}
export interface FeedForwardNames {
  readonly gate: string;
  readonly up: string;
  readonly down: string;
}
