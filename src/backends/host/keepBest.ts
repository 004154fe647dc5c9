/** Sets all but the `count` highest logits to minus infinity; the lower token wins ties. */
export function keepBest(logits: Float32Array, count: number): void {
  // The highest logits so far, in descending order.
  const best = new Float32Array(Math.min(count, logits.length)).fill(-Infinity);
  const last = best.length - 1;
  for (const logit of logits) {
    if (!(logit > best[last]!)) continue;
    let rank = last;
    for (; rank > 0 && best[rank - 1]! < logit; rank--) best[rank] = best[rank - 1]!;
    best[rank] = logit;
  }
  const lowest = best[last]!;
  let ties = best.reduce((sum, logit) => sum + Number(logit === lowest), 0);
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    if (logit > lowest || (logit === lowest && ties-- > 0)) continue;
    logits[token] = -Infinity;
  }
}
