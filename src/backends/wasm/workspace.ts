/** What all ops of a model share. */
import type { Buffers } from "./buffers.ts";
import type { Kernels } from "./kernels.generated.ts";
import type { LinearMemory } from "./linearMemory.ts";
import type { PassLists } from "./passLists.ts";
import type { Products } from "./products.ts";
import type { Tensors } from "./tensors.ts";

export interface Workspace {
  readonly memory: LinearMemory;
  readonly kernels: Kernels;
  readonly buffers: Buffers;
  readonly lists: PassLists;
  readonly products: Products;
  /** The tensors of the node's Plan. */
  readonly tensors: Tensors;
}
