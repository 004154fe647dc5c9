/**
 * Which memory each node of a model runs in. A memory has at most 4 GiB, so a larger model takes several: consecutive layers
 * have one, with their keys and values. What embeds tokens has that of the head, as both may read one matrix.
 */
import {
  dtypeBytes,
  elementsOf,
  type ModelPlans,
  type Plan,
  type PlanNode,
  type TensorSpec,
} from "../../core/tensor/index.ts";
import { placeBytes } from "./linearMemory.ts";
import { packedBytes } from "./weights.ts";

export interface Distribution {
  /** The number of each node's memory. */
  readonly memoryOf: ReadonlyMap<PlanNode, number>;
  /** For each memory the names of its weights. A table that several layers read has a copy in each of their memories. */
  readonly weights: readonly ReadonlySet<string>[];
}

interface Share {
  readonly names: Set<string>;
  left: number;
}

/** @param roomBytes of a memory for weights, keys and values. A node that needs more gets a memory for itself. */
export function distribute(plans: ModelPlans, roomBytes: number): Distribution {
  const memoryOf = new Map<PlanNode, number>();
  const shares: Share[] = [{ names: new Set(), left: roomBytes }];
  // The head first: what embeds tokens follows it.
  for (const plan of [plans.head, plans.body]) {
    for (const node of plan.nodes) {
      const stored = storedTensors(plan, node);
      const index = followedShare(node, stored, shares) ?? shareWithRoom(stored, shares, roomBytes);
      const share = shares[index]!;
      share.left -= missingBytes(stored, share);
      for (const { name } of stored) share.names.add(name);
      memoryOf.set(node, index);
    }
  }
  return { memoryOf, weights: shares.map(({ names }) => names) };
}

export interface StoredTensor {
  readonly id: number;
  readonly name: string;
  readonly isCache: boolean;
  readonly bytes: number;
}

/** Keys and values, then weights of a node. */
export function storedTensors(plan: Plan, node: PlanNode): readonly StoredTensor[] {
  const ids = new Set(Object.values(node.inputs));
  const tensors = plan.tensors.filter(({ id }) => ids.has(id));
  const of = (storage: TensorSpec["storage"], bytesOf: (tensor: TensorSpec) => number) =>
    tensors
      .filter((tensor) => tensor.storage === storage)
      .map((tensor) => ({
        id: tensor.id,
        name: tensor.name,
        isCache: storage === "cache",
        bytes: placeBytes(bytesOf(tensor)),
      }));
  return [
    ...of("cache", (tensor) => dtypeBytes(tensor.dtype, elementsOf(tensor, plan.capacity))),
    ...of("weight", ({ shape, dtype }) => packedBytes({ shape: shape.map(Number), dtype })),
  ];
}

/** The share that has a tensor of the node already. Tables of rotations bind no layer to the first one. */
function followedShare(
  node: PlanNode,
  stored: readonly StoredTensor[],
  shares: readonly Share[],
): number | undefined {
  const table = node.op === "qkv" ? node.inputs.rope : undefined;
  for (const { id, name } of stored) {
    const index = id === table ? -1 : shares.findIndex(({ names }) => names.has(name));
    if (index >= 0) return index;
  }
  return undefined;
}

/** The last share, or a new one if the last has no room. */
function shareWithRoom(stored: readonly StoredTensor[], shares: Share[], roomBytes: number): number {
  const last = shares.at(-1)!;
  if (last.names.size > 0 && missingBytes(stored, last) > last.left)
    shares.push({ names: new Set(), left: roomBytes });
  return shares.length - 1;
}

function missingBytes(stored: readonly StoredTensor[], { names }: Share): number {
  return stored.reduce((sum, { name, bytes }) => sum + (names.has(name) ? 0 : bytes), 0);
}
