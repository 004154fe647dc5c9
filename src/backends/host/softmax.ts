/** out = softmax(x), computed in f64. In place allowed. */
export function softmax(x: Float32Array, out: Float32Array | Float64Array): void {
  let maximum = -Infinity;
  for (const value of x) if (value > maximum) maximum = value;
  let total = 0;
  for (const value of x) total += Math.exp(value - maximum);
  for (let i = 0; i < x.length; i++) out[i] = Math.exp(x[i]! - maximum) / total;
}
