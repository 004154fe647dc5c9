/** Soft mixtures and input embeddings, for soft embeddings. */
import type { ModelPlans } from "../../core/tensor/index.ts";
import type { PreparedPasses } from "../host/machine.ts";
import type { Bank } from "./banks.ts";
import type { Tensors } from "./tensors.ts";

/**
 * @param tensors of the head's Plan in the memory of the head
 * @param enter called before a kernel of the bank
 */
export function embeddingsOf(
  { head }: ModelPlans,
  tensors: Tensors,
  { memory, kernels }: Bank,
  enter: () => void,
): Pick<PreparedPasses, "mixture" | "embedding"> {
  const node = head.nodes.find(({ op }) => op === "headStatistics");
  if (node?.op !== "headStatistics") {
    const none = () => new Float32Array(0);
    return { mixture: none, embedding: none };
  }
  const mixtures = tensors.address(node.outputs.mixture);
  const { number, address, columns } = tensors.matrix(node.inputs.embedding!);
  const place = memory.place("an embedding", 4 * columns);
  const row = memory.place("a token", 4);
  return {
    mixture: (index) => memory.f32(mixtures + 4 * columns * index, columns),
    embedding: (token) => {
      enter();
      memory.u32(row, 1)[0] = token;
      kernels.embed({ dtype: number, weight: address, columns, rows: row, count: 1, out: place });
      return memory.f32(place, columns);
    },
  };
}
