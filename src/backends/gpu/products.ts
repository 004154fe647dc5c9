/** How a product is divided into workgroups: pure functions of the weight's shape, the number of rows, and the device. */
import type { Capabilities } from "./capabilities.ts";

/** Rows and columns of a product's tile. */
export interface Tile {
  readonly m: number;
  readonly n: number;
}

/** For few rows: wide along the weight's rows, so that no lane idles. 64 lanes of 4 x 4 sums, as the next one. */
export const narrowTile: Tile = { m: 16, n: 64 };
export const squareTile: Tile = { m: 32, n: 32 };
/** For many rows: 64 lanes of 8 x 8 sums. All tiles give a row the same bits. */
export const largeTile: Tile = { m: 64, n: 64 };

/** Workgroups that keep a GPU of a hundred compute units busy: several for each, so that one computes while another waits. */
export const assumedBusyWorkgroups = 512;

/** Shorter chunks cost more in sums of parts than more workgroups save. */
const minChunk = 256;
/** A multiple of the columns that each kind of tile reads at a time. */
const chunkStep = 64;
/** The most rows whose products are split: it bounds the memory for the parts. */
export const maxSplitRows = 64;

type Busy = Pick<Capabilities, "busyWorkgroups">;

/** The rows and columns of a weight as it is stored. */
export interface WeightShape {
  readonly inFeatures: number;
  readonly outFeatures: number;
}

/**
 * The columns that a product sums at a time. The sums of chunks are added in order, in every tile, split or not: the order
 * depends on the shape of the weight and the device alone.
 */
export function productChunk({ inFeatures, outFeatures }: WeightShape, { busyWorkgroups }: Busy): number {
  const tiles = Math.ceil(outFeatures / squareTile.n);
  const parts = Math.min(Math.ceil(busyWorkgroups / tiles), Math.floor(inFeatures / minChunk));
  return parts < 2 ? inFeatures : Math.ceil(inFeatures / parts / chunkStep) * chunkStep;
}

/** The number of chunks of a product. */
export function productParts(shape: WeightShape, device: Busy): number {
  return Math.ceil(shape.inFeatures / productChunk(shape, device));
}

export interface ProductChoice {
  readonly tile: Tile;
  /** Whether each workgroup has one chunk. */
  readonly split: boolean;
}

/** How a product over this many rows is divided. */
export function productChoice(rows: number, shape: WeightShape, device: Busy): ProductChoice {
  if (rows <= maxSplitRows) {
    const split = productParts(shape, device) > 1;
    return { tile: rows <= narrowTile.m ? narrowTile : squareTile, split };
  }
  const workgroups = Math.ceil(rows / largeTile.m) * Math.ceil(shape.outFeatures / largeTile.n);
  // One of these does the work of four.
  const isLarge = device.busyWorkgroups > 0 && workgroups >= device.busyWorkgroups / 2;
  return { tile: isLarge ? largeTile : squareTile, split: false };
}

/** The choices for passes of at most this many rows. */
export function productChoices(
  capacity: number,
  choose: (rows: number) => ProductChoice,
): readonly ProductChoice[] {
  const firsts = [1, narrowTile.m + 1, maxSplitRows + 1, capacity];
  return firsts.filter((rows) => rows <= capacity).map(choose);
}

/** Bytes of the parts of a product over at most this many rows. */
export function partsBytes(rows: number, shape: WeightShape, device: Busy): number {
  const parts = productParts(shape, device);
  return parts > 1 ? 4 * parts * Math.min(rows, maxSplitRows) * shape.outFeatures : 0;
}
