import type { DType } from "../tensor/dtype.ts";
import { dtypeBytes } from "../tensor/dtype.ts";
import type { WeightView } from "../tensor/weight.ts";

/**
 * The rows of a weight from the stored rows that hold them: columns cut, transform undone.
 * @param bytes whole stored rows; all of the piece for a transposed one, whole groups for permuted rows
 */
export function arrangedRows(bytes: Uint8Array, dtype: DType, view: WeightView): Uint8Array {
  const { storedColumns, columns, transform } = view;
  const rowBytes = dtypeBytes(dtype, storedColumns);
  const start = dtypeBytes(dtype, columns.start);
  const width = dtypeBytes(dtype, columns.end) - start;
  const rows = bytes.length / rowBytes;
  const cut = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const from = storedRow(row, transform) * rowBytes + start;
    cut.set(bytes.subarray(from, from + width), row * width);
  }
  return transform?.kind === "transposed" ? transposed(cut, dtypeBytes(dtype, 1), rows) : cut;
}

/** The stored row that is row `row` of the weight. */
function storedRow(row: number, transform: WeightView["transform"]): number {
  if (!transform || transform.kind === "transposed") return row;
  const { kind, groupRows } = transform;
  const within = row % groupRows;
  const half = groupRows / 2;
  if (kind === "halved") return row - within + half * (within % 2) + Math.floor(within / 2);
  return row - within + 2 * (within % half) + Math.floor(within / half);
}

function transposed(bytes: Uint8Array<ArrayBuffer>, elementBytes: number, rows: number): Uint8Array {
  const Elements = elementBytes === 4 ? Uint32Array : Uint16Array;
  const from = new Elements(bytes.buffer);
  const to = new Elements(from.length);
  const columns = from.length / Math.max(1, rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) to[column * rows + row] = from[row * columns + column]!;
  }
  return new Uint8Array(to.buffer);
}
