/** A forward pass, and the changes that the host makes to slots after it. */
import type { HeadRequest } from "./headRequest.ts";
import type { SlotId, Span } from "./span.ts";

export interface ForwardPass {
  readonly spans: readonly Span[];
  readonly head: readonly HeadRequest[];
}

/** Changes to a slot: tokens to write, and soft embeddings to update. */
export interface SlotChange {
  readonly slot: SlotId;
  readonly positions: readonly number[];
  readonly tokens: readonly number[];
  /**
   * The subset of `positions` that is undecided after the change: in one that fills a slot, or revokes tokens. The other
   * positions count as decided.
   * Only a device loop reads this field: in a host loop, head requests name the undecided positions.
   */
  readonly undecided?: readonly number[];
  /**
   * Sets the input embedding of some positions to E[mask] + weight * mixture, until a token is written there. `request` is
   * the index of a head request of the last pass, and `rows` are indices into its positions.
   */
  readonly softEmbeddings?:
    | {
        readonly request: number;
        readonly rows: readonly number[];
        readonly weight: number;
      }
    | undefined;
}
