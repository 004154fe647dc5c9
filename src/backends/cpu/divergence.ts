/**
 * KL(softmax(now) || softmax(before)), in f64. From differences of logits, so that no probability is too small for it.
 * A logit of minus infinity has no share; it is one in both or in neither.
 */
export function divergence(now: Float32Array, before: Float32Array): number {
  const mass = logSumExp(now);
  const massBefore = logSumExp(before);
  let sum = 0;
  for (let token = 0; token < now.length; token++) {
    const logProbability = now[token]! - mass;
    if (logProbability > -Infinity)
      sum += Math.exp(logProbability) * (logProbability - (before[token]! - massBefore));
  }
  return Math.max(0, sum);
}

function logSumExp(x: Float32Array): number {
  let maximum = -Infinity;
  for (const value of x) if (value > maximum) maximum = value;
  let total = 0;
  for (const value of x) total += Math.exp(value - maximum);
  return maximum + Math.log(total);
}
