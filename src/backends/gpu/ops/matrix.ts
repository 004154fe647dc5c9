/** The product of all tokens' rows with a matrix, one kernel for each shard; used by qkv, project and mlp. */

import { type Binding, type KernelForm, type KernelSpec, params } from "../kernel.ts";
import { narrowTile, productIncludes, productTile, squareTile, type Tile } from "../variants.ts";
import type { OpContext } from "./context.ts";
import type { MatrixProduct } from "./productTypes.ts";
import { streamProduct } from "./tensorCores/product.ts";

export function matrixProduct(context: OpContext, product: MatrixProduct): readonly KernelSpec[] {
  if (product.weight.shards[0]!.form) return streamProduct(context, product);
  const { name, weight, x, y, inFeatures, width, bias, residual, gated = false, ofHead } = product;
  const form = ({ m, n }: Tile): KernelForm => ({
    kernel: "product",
    variant: productIncludes(weight.dtype, inFeatures, context.capabilities),
    constants: {
      tile_m: m,
      tile_n: n,
      gated: Number(gated),
      has_bias: Number(bias !== undefined),
      has_residual: Number(residual !== undefined),
      of_head: Number(ofHead !== undefined),
    },
  });
  return weight.shards.map((shard) => {
    const outFeatures = shard.last - shard.first;
    return {
      name,
      forms: [form(narrowTile), form(squareTile)],
      selectForm: ({ tokens, rows }) => (productTile(ofHead ? rows : tokens) === narrowTile ? 0 : 1),
      params: params(
        inFeatures,
        weight.stride,
        outFeatures,
        shard.first,
        width,
        ofHead?.first ?? 0,
        ofHead?.limit ?? 0,
      ),
      bindings: [shard, bias ?? context.dummyBinding, x, residual ?? writableDummy(context, [x, y]), y],
      workgroups: ({ tokens, rows }) => {
        const count = ofHead ? Math.max(0, Math.min(rows, ofHead.limit) - ofHead.first) : tokens;
        const { m, n } = productTile(ofHead ? rows : tokens);
        return [Math.ceil(count / m), Math.ceil(outFeatures / n)];
      },
    };
  });
}

/** A writable dummy binding that overlaps no binding in use. */
export function writableDummy({ state }: OpContext, used: readonly Binding[]): Binding {
  const buffer = used.some((binding) => binding.buffer === state.gathered)
    ? state.statistics
    : state.gathered;
  return { buffer, offset: 0, bytes: 16, access: "write" };
}
