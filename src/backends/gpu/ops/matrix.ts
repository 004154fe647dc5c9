/** The product of all tokens' rows with a matrix, one kernel for each shard; used by qkv, project and mlp. */

import type { DeviceWeight } from "../deviceWeight.ts";
import { type Binding, type KernelForm, type KernelSpec, params } from "../kernel.ts";
import { streamProduct } from "../tensorCores/product.ts";
import { narrowTile, productIncludes, productTile, squareTile, type Tile } from "../variants.ts";
import type { OpContext } from "./context.ts";

export interface MatrixProduct {
  readonly name: string;
  readonly weight: DeviceWeight;
  readonly x: Binding;
  readonly y: Binding;
  /** Columns of x and of y. */
  readonly inFeatures: number;
  readonly width: number;
  readonly bias?: Binding | undefined;
  readonly residual?: Binding | undefined;
  /** Computes silu(gate) * up: the weight has twice as many rows as y has columns. */
  readonly gated?: boolean;
  /** Computes wanted rows [first, limit) instead of the pass's tokens. */
  readonly ofHead?: { readonly first: number; readonly limit: number };
}

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
