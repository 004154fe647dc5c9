/**
 * KL(softmax(now) || softmax(before)), in f64, from differences of logits, so that small probabilities do not underflow.
 * Tokens with a logit of minus infinity are left out; they are the same in both.
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
