import {
  couplingsOf,
  isCoupled,
  maxCoupledRows,
  type NodeOf,
  visibleKeys,
} from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import { dtypeNumber } from "../dtypeNumber.ts";
import type { Workspace } from "../workspace.ts";

/** Bytes of a row in the kernel's list (assembly/couplings.ts). */
const rowBytes = 12;

/** Request by request: the kernel sums over the heads of the layer, in this memory; the sums over layers are the host's. */
export function couplings(
  node: NodeOf<"couplings">,
  { memory, kernels, buffers, tensors }: Workspace,
): Kernel {
  const { heads, kvHeads, headDimension, scale, layer, layers } = node.attributes;
  const query = tensors.address(node.inputs.query!);
  const keys = tensors.kept(node.inputs.keys!);
  const list = buffers.reserve("rows of couplings", rowBytes * maxCoupledRows);
  const out = buffers.reserve("couplings", 4 * maxCoupledRows ** 2);
  return ({ spans, head: requests, statistics }) => {
    for (const [index, { span: spanIndex, positions, shift, couplings: wanted }] of requests.entries()) {
      if (wanted === undefined || !isCoupled({ layer, layers }, wanted)) continue;
      const span = spans[spanIndex]!;
      const count = positions.length;
      const rows = memory.i32(list.address, 3 * count);
      for (const [row, position] of positions.entries()) {
        const own = Math.max(0, position - shift);
        rows.set([span.row + own - span.start, visibleKeys(span, own), own], 3 * row);
      }
      kernels.couplings({
        query,
        keys: keys.address,
        cacheDType: dtypeNumber(keys.dtype),
        heads,
        kvHeads,
        width: headDimension,
        scale,
        rows: list.address,
        count,
        base: span.memory.base,
        out: out.address,
      });
      const sums = memory.f32(out.address, count * count);
      const firstRow = statistics.rowStarts[index]!;
      for (let row = 0; row < count; row++) {
        const to = couplingsOf(statistics.couplings!, firstRow + row);
        for (let other = 0; other < count; other++)
          to[other]! += sums[row * count + other]! / (heads * wanted);
      }
    }
  };
}
