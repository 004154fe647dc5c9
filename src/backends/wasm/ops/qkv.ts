import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import { dtypeNumber } from "../dtypeNumber.ts";
import { tileRows } from "../passLists.ts";
import type { Workspace } from "../workspace.ts";

/** One product for queries, keys and values; then norms and rotation, and keys and values to the pool. */
export function qkv(node: NodeOf<"qkv">, workspace: Workspace): Kernel {
  const { kernels, buffers, lists, products, tensors } = workspace;
  const { heads, kvHeads, headDimension, rotaryDimension, epsilon } = node.attributes;
  const { inputs, outputs } = node;
  const source = {
    kind: "normed",
    x: tensors.address(inputs.x!),
    norm: tensors.address(inputs.norm!),
    epsilon,
  } as const;
  const weight = tensors.matrix(inputs.weight!);
  const bias = tensors.optional(inputs.bias);
  const queryNorm = tensors.optional(inputs.queryNorm);
  const keyNorm = tensors.optional(inputs.keyNorm);
  const rope = tensors.matrix(inputs.rope!).address;
  const keys = tensors.kept(inputs.keys!);
  const values = tensors.kept(inputs.values!).address;
  const query = tensors.address(outputs.query);
  const width = weight.rows;
  const tokens = tensors.elements(outputs.query) / (heads * headDimension);
  const projected = buffers.reserve("projections", 4 * tokens * width);
  products.reserve(Math.ceil(tokens / tileRows), weight);
  return (pass) => {
    lists.place(pass);
    products.run(source, weight, { out: projected.address, width, bias }, lists.all(pass.tokens));
    kernels.rowsOfQkv({
      projected: projected.address,
      tokens: pass.tokens,
      heads,
      kvHeads,
      width: headDimension,
      rotary: rotaryDimension,
      epsilon,
      queryNorm,
      keyNorm,
      rope,
      positions: lists.positions,
      poolRows: lists.poolRows,
      query,
      keys: keys.address,
      values,
      cacheDType: dtypeNumber(keys.dtype),
    });
  };
}
