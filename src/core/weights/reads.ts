/**
 * Combines reads. A checkpoint has thousands of tensors, many of them small, and a network request costs as much as a
 * hundred kilobytes, so neighbours in a file are read as one range, whichever weights they belong to. Stacked experts
 * gain most: the matrices of one expert are neighbours, and belong to three weights.
 */
import { bug } from "../error.ts";
import { type DType, dtypeBytes, elementCount } from "../tensor/dtype.ts";
import type { WeightEntry, WeightPiece, WeightView } from "../tensor/weight.ts";
import type { ByteSource } from "./source.ts";

/** Consecutive elements of one weight: whole rows of a matrix, any elements of a vector. */
export interface WeightSlice {
  readonly entry: WeightEntry;
  /** Index of the slice's first element among the weight's elements. */
  readonly element: number;
  /** The type of the bytes, which are little-endian. */
  readonly dtype: DType;
}

/** A range of a source, read at once. */
export interface WeightRead {
  readonly source: ByteSource;
  /** From the source's start, in bytes. */
  readonly offset: number;
  readonly bytes: number;
  readonly slices: readonly StoredSlice[];
}

/** A slice as it is stored. */
export interface StoredSlice extends WeightSlice {
  /** From the start of the range. */
  readonly start: number;
  readonly bytes: number;
  /** As in its piece. */
  readonly view: WeightView | undefined;
}

export interface ReadSizes {
  /** Maximum bytes of a range: large enough for disks and networks, small beside the weights. */
  readonly readBytes: number;
  /** Maximum bytes of a gap that is read along: no weight needs them, as those of a tensor that is computed instead. */
  readonly gapBytes: number;
}
const sizes: ReadSizes = { readBytes: 8 * 2 ** 20, gapBytes: 2 ** 16 };

interface Part {
  readonly entry: WeightEntry;
  readonly piece: WeightPiece;
  /** Index of the part's first element among the weight's elements. */
  readonly element: number;
  /** The bytes that must come with one read, and the elements of the weight that they give. */
  readonly unit: Unit;
}

interface Unit {
  readonly bytes: number;
  readonly elements: number;
}

/**
 * Ranges that cover the pieces of all weights, source by source and in the order of their offsets. A range has at most
 * `readBytes`, or what must be read together where that is more: a row, a group of permuted rows, a transposed matrix.
 * @throws DiffusionError `internal` if the pieces of a weight do not fill its shape exactly, or end within a row
 */
export function planReads(entries: readonly WeightEntry[], limits: ReadSizes = sizes): readonly WeightRead[] {
  const partsOfSources = new Map<ByteSource, Part[]>();
  for (const part of entries.flatMap(partsOf)) {
    const { source } = part.piece;
    const parts = partsOfSources.get(source);
    if (parts) parts.push(part);
    else partsOfSources.set(source, [part]);
  }
  return [...partsOfSources].flatMap(([source, parts]) => readsOf(source, parts, limits));
}

function partsOf(entry: WeightEntry): readonly Part[] {
  const { symbol, shape, pieces } = entry;
  let element = 0;
  const parts: Part[] = [];
  for (const piece of pieces) {
    const unit = unitOf(entry, piece);
    if (piece.bytes > 0 && piece.bytes % unit.bytes !== 0)
      throw bug(`Cannot load '${symbol}' as '${piece.tensor}' ends within a row: found ${piece.bytes} bytes`);
    parts.push({ entry, piece, element, unit });
    if (piece.bytes > 0) element += (piece.bytes / unit.bytes) * unit.elements;
  }
  const count = elementCount(shape);
  if (element !== count)
    throw bug(`Cannot load '${symbol}' as its pieces must fill ${count} elements: found ${element}`);
  return parts;
}

/** The smallest part that can be read alone: a row, an element of a vector, or the rows that a transform permutes. */
function unitOf({ shape }: WeightEntry, { dtype, bytes, view }: WeightPiece): Unit {
  if (!view) {
    const elements = shape.length > 1 ? shape.at(-1)! : 1;
    return { bytes: dtypeBytes(dtype, elements), elements };
  }
  const { storedColumns, columns, transform } = view;
  const rowBytes = dtypeBytes(dtype, storedColumns);
  const rows = transform?.kind === "transposed" ? bytes / rowBytes : (transform?.groupRows ?? 1);
  return { bytes: rows * rowBytes, elements: rows * (columns.end - columns.start) };
}

/** A range that grows while the next part is near. */
interface GrowingRead extends WeightRead {
  bytes: number;
  readonly slices: WeightRead["slices"][number][];
}

function readsOf(source: ByteSource, parts: readonly Part[], limits: ReadSizes): readonly WeightRead[] {
  const reads: GrowingRead[] = [];
  for (const { entry, piece, element, unit } of parts.toSorted(byOffset)) {
    for (let done = 0; done < piece.bytes; ) {
      const offset = piece.offset + done;
      let read = reads.at(-1);
      if (!read || !takes(read, offset, unit.bytes, limits)) {
        read = { source, offset, bytes: 0, slices: [] };
        reads.push(read);
      }
      const start = offset - read.offset;
      const units = Math.max(1, Math.floor((limits.readBytes - start) / unit.bytes));
      const bytes = Math.min(piece.bytes - done, units * unit.bytes);
      const first = element + (done / unit.bytes) * unit.elements;
      read.slices.push({ entry, element: first, dtype: piece.dtype, view: piece.view, start, bytes });
      read.bytes = Math.max(read.bytes, start + bytes);
      done += bytes;
    }
  }
  return reads;
}

const byOffset = (a: Part, b: Part) => a.piece.offset - b.piece.offset;

/** Whether the range has room for one unit at this offset. */
function takes(read: WeightRead, offset: number, unitBytes: number, limits: ReadSizes): boolean {
  const start = offset - read.offset;
  return start >= 0 && start <= read.bytes + limits.gapBytes && start + unitBytes <= limits.readBytes;
}
