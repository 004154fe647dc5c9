/** The bytes of a tensor that a part of a weight needs: whole stored rows, and the matrix within them. */
import { bug, found } from "../error.ts";
import { dtypeBytes, dtypeInfo, elementCount, type Shape } from "../tensor/dtype.ts";
import type { WeightPart, WeightPiece, WeightRange, WeightView } from "../tensor/weight.ts";
import { invalidWeights } from "./invalidWeights.ts";
import type { TensorEntry } from "./safetensors.ts";

export interface ShapedPiece {
  readonly piece: WeightPiece;
  /** The shape of what the piece adds to the weight. */
  readonly shape: Shape;
}

/**
 * @param tensor of the shape that the part names
 * @throws DiffusionError `invalid-weights` if a slice or a transform would cut a block of a quantized tensor;
 *   `internal` if the part names rows or columns that the tensor does not have
 */
export function pieceOf(part: WeightPart, tensor: TensorEntry): ShapedPiece {
  const { source, dtype, name, offset, bytes } = tensor;
  const whole = { source, dtype, tensor: name, offset, bytes };
  if (!part.rows && !part.columns && !part.transform) return { piece: whole, shape: tensor.shape };
  const isTransposed = part.transform?.kind === "transposed";
  const shape = isTransposed ? tensor.shape.toReversed() : tensor.shape;
  requireDimensions(part);
  const rows = rangeOf(name, "rows", part.rows, shape[0]!);
  if (shape.length === 1) {
    const elementBytes = dtypeBytes(dtype, 1);
    const length = rows.end - rows.start;
    return {
      piece: { ...whole, offset: offset + rows.start * elementBytes, bytes: length * elementBytes },
      shape: [length],
    };
  }
  const columns = rangeOf(name, "columns", part.columns, shape.at(-1)!);
  requireWholeGroups(part, rows);
  requireWholeBlocks(part, tensor, columns);
  const storedColumns = tensor.shape.at(-1)!;
  const rowBytes = dtypeBytes(dtype, storedColumns);
  // Rows of the outermost dimension are several stored rows each where there are more than two dimensions.
  const storedPerRow = elementCount(shape.slice(1, -1));
  const stored = isTransposed ? columns : scaled(rows, storedPerRow);
  const view: WeightView = {
    storedColumns,
    columns: isTransposed ? rows : columns,
    transform: part.transform,
  };
  const isPlain = !part.transform && columns.end - columns.start === storedColumns;
  return {
    piece: {
      ...whole,
      offset: offset + stored.start * rowBytes,
      bytes: (stored.end - stored.start) * rowBytes,
      ...(!isPlain && { view }),
    },
    shape: [rows.end - rows.start, ...shape.slice(1, -1), columns.end - columns.start],
  };
}

function scaled({ start, end }: WeightRange, factor: number): WeightRange {
  return { start: start * factor, end: end * factor };
}

function rangeOf(tensor: string, what: string, range: WeightRange | undefined, count: number): WeightRange {
  if (!range) return { start: 0, end: count };
  const { start, end } = range;
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || start > end || end > count) {
    throw bug(`Cannot slice '${tensor}' as its ${what} must lie in 0 to ${count}: found ${start} to ${end}`);
  }
  return range;
}

function requireDimensions({ tensor, shape, columns, transform }: WeightPart): void {
  const least = columns || transform ? 2 : 1;
  if (shape.length >= least && (!transform || shape.length === 2)) return;
  const what = transform ? `undo '${transform.kind}' in` : "slice";
  throw bug(`Cannot ${what} '${tensor}' as it does not have the dimensions for it: found ${found(shape)}`);
}

function requireWholeGroups({ tensor, shape, transform }: WeightPart, rows: WeightRange): void {
  if (!transform || transform.kind === "transposed") return;
  const { groupRows } = transform;
  if (
    [groupRows / 2, shape[0]! / groupRows, rows.start / groupRows, rows.end / groupRows].every(
      Number.isInteger,
    )
  )
    return;
  throw bug(
    `Cannot slice '${tensor}' as its rows are permuted in groups of ${groupRows}: found ${rows.start} to ${rows.end} of ${shape[0]}`,
  );
}

function requireWholeBlocks(part: WeightPart, { name, dtype }: TensorEntry, columns: WeightRange): void {
  const { blockElements } = dtypeInfo(dtype);
  if (blockElements === 1) return;
  const blocks = `blocks of ${blockElements} elements along its rows`;
  if (part.transform?.kind === "transposed") {
    throw invalidWeights(`'${name}' cannot be transposed with ${blocks}: found ${dtype}`);
  }
  if (columns.start % blockElements !== 0 || columns.end % blockElements !== 0) {
    throw invalidWeights(
      `columns of '${name}' must begin and end between its ${blocks}: found ${columns.start} to ${columns.end} of ${dtype}`,
    );
  }
}
