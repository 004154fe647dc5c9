/** The product of all tokens' rows with a matrix, shard by shard; used by qkv, project and mlp. */
import type { DeviceWeight, Shard } from "../deviceWeight.ts";
import { type Binding, type KernelForm, type KernelSpec, params, whole } from "../kernel.ts";
import type { PassCounts } from "../layout/descriptor.ts";
import {
  largeTile,
  type ProductChoice,
  productChoice,
  productChoices,
  productChunk,
  productParts,
  squareTile,
  type Tile,
} from "../products.ts";
import { computesInInt8, productIncludes } from "../variants.ts";
import type { OpContext } from "./context.ts";
import type { MatrixProduct } from "./productTypes.ts";
import { quantizeRows } from "./quantizeRows.ts";
import { streamProduct } from "./tensorCores/product.ts";

export function matrixProduct(context: OpContext, product: MatrixProduct): readonly KernelSpec[] {
  if (product.weight.shards[0]!.form) return streamProduct(context, product);
  const { name, weight, x, inFeatures, width, gated = false, ofHead } = product;
  const int8 = !ofHead && computesInInt8(weight.dtype, context.capabilities);
  const shape = { inFeatures, outFeatures: gated ? 2 * width : width };
  const device = ofHead ? { busyWorkgroups: 0 } : context.capabilities;
  const choose = (rows: number) => {
    const choice = productChoice(rows, shape, device);
    return int8 && choice.tile === largeTile ? { tile: squareTile, split: false } : choice;
  };
  const { capacity } = context.plan;
  // Forms that no pass can take need not be compiled.
  const choices = productChoices(ofHead ? capacity.rows : capacity.tokens, choose);
  const tilesOf = (split: boolean) => [
    ...new Set(choices.filter((choice) => choice.split === split).map(({ tile }) => tile)),
  ];
  const divided: Divided = {
    chunk: productChunk(shape, device),
    parts: productParts(shape, device),
    choose: ({ tokens, rows }) => choose(ofHead ? rows : tokens),
    wholeTiles: tilesOf(false),
    splitTiles: tilesOf(true),
    int8,
  };
  const multiplied = (rows: MatrixProduct) =>
    weight.shards.flatMap((shard) => [
      ...(divided.wholeTiles.length > 0 ? [wholeProduct(context, rows, shard, divided)] : []),
      ...(divided.splitTiles.length > 0 ? splitProduct(context, rows, shard, divided) : []),
    ]);
  if (!int8) return multiplied(product);
  const quantized = quantizeRows(context, { name, x, columns: inFeatures });
  return [quantized.spec, ...multiplied({ ...product, x: quantized.rows })];
}

/** How a product is divided. */
interface Divided {
  readonly chunk: number;
  readonly parts: number;
  /** Tiles of passes whose product is not split, and of those whose product is. */
  readonly wholeTiles: readonly Tile[];
  readonly splitTiles: readonly Tile[];
  /** Whether x is in int8. */
  readonly int8: boolean;
  choose(counts: PassCounts): ProductChoice;
}

/** A kernel that computes whole sums. */
function wholeProduct(
  context: OpContext,
  { name, weight, x, y, inFeatures, width, bias, residual, gated, ofHead }: MatrixProduct,
  shard: Shard,
  { chunk, wholeTiles: tiles, int8, choose }: Divided,
): KernelSpec {
  const constants = {
    gated: Number(gated ?? false),
    has_bias: Number(bias !== undefined),
    has_residual: Number(residual !== undefined),
    of_head: Number(ofHead !== undefined),
    split: 0,
  };
  const outFeatures = shard.last - shard.first;
  const [first, limit] = [ofHead?.first ?? 0, ofHead?.limit ?? 0];
  return {
    name,
    forms: tiles.map((tile) => productForm(context, { weight, inFeatures, tile, int8, constants })),
    selectForm: (counts) => Math.max(0, tiles.indexOf(choose(counts).tile)),
    params: params(inFeatures, weight.stride, outFeatures, shard.first, width, first, limit, chunk),
    bindings: [shard, bias ?? context.dummyBinding, x, residual ?? writableDummy(context, [x, y]), y],
    workgroups: (counts) => {
      const { tile, split } = choose(counts);
      if (split) return [0];
      const count = ofHead ? Math.max(0, Math.min(counts.rows, ofHead.limit) - ofHead.first) : counts.tokens;
      // The large tile has its up rows beside its gate rows.
      const columns = gated && tile === largeTile ? tile.n / 2 : tile.n;
      return [Math.ceil(count / tile.m), Math.ceil(outFeatures / columns)];
    },
  };
}

/** A kernel that computes the sums of chunks, and one that adds them. */
function splitProduct(
  context: OpContext,
  { name, weight, x, y, inFeatures, width, bias, residual, gated = false }: MatrixProduct,
  shard: Shard,
  { chunk, parts, splitTiles: tiles, int8, choose }: Divided,
): readonly KernelSpec[] {
  const rows = shard.last - shard.first;
  const columns = gated ? 2 * rows : rows;
  const partial = whole(context.state.parts, "write");
  const constants = { gated: 0, has_bias: 0, has_residual: 0, of_head: 0, split: 1 };
  return [
    {
      name,
      forms: tiles.map((tile) => productForm(context, { weight, inFeatures, tile, int8, constants })),
      selectForm: (counts) => Math.max(0, tiles.indexOf(choose(counts).tile)),
      params: params(inFeatures, weight.stride, columns, 0, columns, 0, 0, chunk),
      bindings: [shard, context.dummyBinding, x, writableDummy(context, [x, partial]), partial],
      workgroups: (counts) => {
        const { tile, split } = choose(counts);
        return split ? [Math.ceil(counts.tokens / tile.m), parts * Math.ceil(columns / tile.n)] : [0];
      },
    },
    {
      name,
      forms: [
        {
          kernel: "sumParts",
          constants: {
            gated: Number(gated),
            has_bias: Number(bias !== undefined),
            has_residual: Number(residual !== undefined),
          },
        },
      ],
      params: params(parts, rows, shard.first, width),
      bindings: [bias ?? context.dummyBinding, partial, residual ?? writableDummy(context, [partial, y]), y],
      workgroups: (counts) => [choose(counts).split ? counts.tokens : 0, Math.ceil(rows / 64)],
    },
  ];
}

interface ProductForm {
  readonly weight: DeviceWeight;
  readonly inFeatures: number;
  readonly tile: Tile;
  readonly int8: boolean;
  readonly constants: Readonly<Record<string, number>>;
}

function productForm(
  { capabilities }: OpContext,
  { weight, inFeatures, tile, int8, constants }: ProductForm,
): KernelForm {
  return {
    kernel: "product",
    variant: productIncludes(weight.dtype, inFeatures, capabilities, { tile, int8 }),
    constants: Object.assign(tileConstants(tile), constants),
  };
}

/** The constants of a kernel with tiles. The large tile has one size. */
export function tileConstants(tile: Tile): Record<string, number> {
  return tile === largeTile ? {} : { tile_m: tile.m, tile_n: tile.n };
}

/** A writable dummy binding that overlaps no binding in use. */
export function writableDummy({ state }: OpContext, used: readonly Binding[]): Binding {
  const buffer = used.some((binding) => binding.buffer === state.gathered)
    ? state.statistics
    : state.gathered;
  return { buffer, offset: 0, bytes: 16, access: "write" };
}
