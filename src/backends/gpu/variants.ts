/** The choice of kernel forms for a device and a shape: pure functions, tested without a device. */
import { DiffusionError } from "../../core/error.ts";
import { type DType, isQuantized } from "../../core/tensor/index.ts";
import type { Capabilities } from "./capabilities.ts";
import type { KernelVariant } from "./kernel.ts";
import { largeTile, type Tile } from "./products.ts";

/** Maximum output elements of a lane of attention.wgsl. */
const attentionOutputs = 32;

/** Queries and keys of a tile of attention.wgsl. */
export interface AttentionTile {
  readonly queries: number;
  readonly keys: number;
}

/** Bytes of workgroup memory of attention.wgsl. */
export function attentionBytes({ queries, keys }: AttentionTile, width: number): number {
  return 4 * ((queries + keys) * (width + 1) + queries * keys + 4 * queries);
}

/**
 * The largest tile that fits workgroup memory. More keys are preferred to more queries. The number of keys decides the
 * order of sums, so it depends on width and device alone.
 * @throws DiffusionError `unsupported` if a head is too wide for the device
 */
export function attentionTile(
  width: number,
  { workgroupBytes }: Pick<Capabilities, "workgroupBytes">,
): AttentionTile {
  const queries = [16, 8, 4].filter((count) => count * width <= attentionOutputs * 64);
  for (const keys of [32, 16, 8]) {
    for (const count of queries) {
      if (count >= 8 || keys === 8) {
        const tile = { queries: count, keys };
        if (attentionBytes(tile, width) <= workgroupBytes) return tile;
      }
    }
  }
  const message = `Cannot attend with heads of ${width} elements as the device has ${workgroupBytes} bytes of workgroup memory`;
  throw new DiffusionError("unsupported", message);
}

/** The includes that read packs of four elements, as keys and values are stored. */
export function packIncludes(dtype: DType, { f16 }: Pick<Capabilities, "f16">): KernelVariant {
  return { packs: dtype === "f16" && f16 ? "f16.native" : dtype };
}

/** The includes that read a matrix of weights of this type. */
export function weightIncludes(dtype: DType, capabilities: Pick<Capabilities, "f16">): KernelVariant {
  return isQuantized(dtype) ? { weights: dtype } : packIncludes(dtype, capabilities);
}

/** The form of the include that reduces over a workgroup; '' is the plain form. */
export function reduceInclude({ subgroups, software }: Pick<Capabilities, "subgroups" | "software">): string {
  return subgroups && !software ? "subgroups" : "";
}

/** Lanes of a workgroup that computes one row of this many columns. Software adapters run lanes one after the other: one lane. */
export function rowLanes(width: number, { software }: Pick<Capabilities, "software">): number {
  if (software) return 1;
  return width <= 256 ? 64 : 256;
}

/** The form of the include that reads rows of this many columns: four at a time if the number is a multiple of four. */
export function columnsInclude(columns: number): string {
  return columns % 4 === 0 ? "vec4" : "";
}

/**
 * The includes of a kernel with tiles of 4 x 4 sums a lane over this many columns. Tiles pass through workgroup memory; on
 * software adapters each lane reads its own.
 */
export function tileIncludes(
  dtype: DType,
  inFeatures: number,
  capabilities: Pick<Capabilities, "f16" | "software">,
): KernelVariant {
  return {
    ...weightIncludes(dtype, capabilities),
    tile: capabilities.software ? "direct" : "",
    columns: columnsInclude(inFeatures),
  };
}

/** Whether products with a weight of this type take activations in int8. */
export function computesInInt8(
  dtype: DType,
  { int8Activations }: Pick<Capabilities, "int8Activations">,
): boolean {
  return int8Activations && (dtype === "q8_0" || dtype === "q4_0");
}

/** The includes of a product over this many columns, with this tile. Products in int8 have no large tile. */
export function productIncludes(
  dtype: DType,
  inFeatures: number,
  capabilities: Pick<Capabilities, "f16" | "software">,
  { tile, int8 }: { readonly tile: Tile; readonly int8: boolean },
): KernelVariant {
  if (int8) return { products: "int8", int8Weights: dtype };
  const { tile: form, ...reads } = tileIncludes(dtype, inFeatures, capabilities);
  return tile === largeTile ? { ...reads, products: "large" } : { ...reads, products: "", tile: form! };
}

const logitsBytes = 16 * 2 ** 20;
/** Rows of a chunk whose logits are held at a time. */
export function logitsChunk(vocabulary: number, capacityRows: number): number {
  return Math.max(1, Math.min(capacityRows, Math.floor(logitsBytes / (4 * vocabulary))));
}
