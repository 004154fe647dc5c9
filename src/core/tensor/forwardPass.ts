/** One forward pass, and what the host writes to slots behind it. */
import type { HeadRequest } from "./headRequest.ts";
import type { SlotId, Span } from "./span.ts";

/** One forward pass. */
export interface ForwardPass {
  readonly spans: readonly Span[];
  readonly head: readonly HeadRequest[];
}

/** What the host decided: tokens to be written, soft embeddings to be renewed. */
export interface SlotChange {
  readonly slot: SlotId;
  readonly positions: readonly number[];
  readonly tokens: readonly number[];
  /**
   * Those of the positions that are undecided, in contents of a slot. All others of the positions are decided by the
   * change. Only a device loop reads this: where the host decides, head requests name the positions.
   */
  readonly undecided?: readonly number[];
  /**
   * Gives the positions of these rows of the last step's head request `request` (indices into its positions)
   * the input embedding E[mask] + weight * mixture. A token written to a position ends that.
   */
  readonly softEmbeddings?:
    | {
        readonly request: number;
        readonly rows: readonly number[];
        readonly weight: number;
      }
    | undefined;
}
