/** What a family's configuration comes down to: the shapes and switches of one decoder body. */

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
  /** Whether a token's expert weights are scaled to sum to 1. */
  readonly normalize: boolean;
  /** Whether a bias is added to the routing probabilities. */
  readonly bias: boolean;
}

export interface Architecture {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly headDimension: number;
  readonly rotaryDimension: number;
  readonly ropeTheta: number;
  /** Of every RMS norm. */
  readonly epsilon: number;
  /** The most positions of a sequence. */
  readonly context: number;
  readonly queryKeyNorm: boolean;
  readonly qkvBias: boolean;
  /** The head is the embedding. */
  readonly tied: boolean;
  /** One a layer. */
  readonly feedForward: readonly (DenseFeedForward | ExpertsFeedForward)[];
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
  readonly query: string;
  readonly key: string;
  readonly value: string;
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
  expert?(index: number): { readonly gate: string; readonly up: string; readonly down: string };
}
