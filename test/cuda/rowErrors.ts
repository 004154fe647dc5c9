/** How far rows are from those expected. */

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** The norm of the difference, as a part of the norm of what is expected. */
export function relativeError(found: Float32Array, expected: Float32Array): number {
  return norm(found.map((value, index) => value - expected[index]!)) / norm(expected);
}

/** The relative error of each row. */
export function rowErrors(found: Float32Array, expected: Float32Array, columns: number): readonly number[] {
  return Array.from({ length: expected.length / columns }, (_, row) => {
    const of = (values: Float32Array) => values.subarray(row * columns, (row + 1) * columns);
    return relativeError(of(found), of(expected));
  });
}
