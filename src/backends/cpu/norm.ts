/** RMS norm of one row: x / sqrt(mean(x^2) + epsilon), rounded to f32, times the weight. In place allowed. */
export function rmsNorm(
  x: Float32Array,
  xOffset: number,
  weight: Float32Array,
  out: Float32Array,
  outOffset: number,
  width: number,
  epsilon: number,
): void {
  let squares = 0;
  for (let k = 0; k < width; k++) squares += x[xOffset + k]! * x[xOffset + k]!;
  const scale = 1 / Math.sqrt(squares / width + epsilon);
  for (let k = 0; k < width; k++) out[outOffset + k] = Math.fround(x[xOffset + k]! * scale) * weight[k]!;
}

/** RMS norm of the first `rows` rows. */
export function rmsNormRows(
  x: Float32Array,
  weight: Float32Array,
  out: Float32Array,
  rows: number,
  width: number,
  epsilon: number,
): void {
  for (let row = 0; row < rows; row++) rmsNorm(x, row * width, weight, out, row * width, width, epsilon);
}

export function silu(x: number): number {
  return x / (1 + Math.exp(-x));
}

/** activation[row] = silu(gate) * up from a product that holds [gate | up] a row; writes over the gate half's place. */
export function gate(gateUp: Float32Array, out: Float32Array, rows: number, intermediate: number): void {
  for (let row = 0; row < rows; row++) {
    const source = row * 2 * intermediate;
    const target = row * intermediate;
    for (let k = 0; k < intermediate; k++) {
      out[target + k] = silu(gateUp[source + k]!) * gateUp[source + intermediate + k]!;
    }
  }
}
