// Statistics of parts of a row's distribution. Two parts merge into one; of equal logits that of part `a`, which has the
// lower tokens, comes first.
fn no_partial() -> Partial { return Partial(LOWEST, NONE, LOWEST, 0.0, 0.0, LOWEST, NONE, LOWEST, 0u); }

fn merge(a: Partial, b: Partial, factor: f32) -> Partial {
  let invalid = a.invalid | b.invalid;
  if (a.best == NONE || b.best == NONE) {
    var only = a;
    if (a.best == NONE) { only = b; }
    only.invalid = invalid;
    return only;
  }
  let highest = max(a.highest, b.highest);
  let best = select(a.best, b.best, b.highest > a.highest);
  let second = max(min(a.highest, b.highest), max(a.second, b.second));
  let below_a = factor * (a.highest - highest);
  let below_b = factor * (b.highest - highest);
  let factor_a = exp(below_a);
  let factor_b = exp(below_b);
  let rest = select(a.rest + factor_b * (1.0 + b.rest), b.rest + factor_a * (1.0 + a.rest), b.highest > a.highest);
  let weighted = factor_a * (a.weighted + (1.0 + a.rest) * below_a) + factor_b * (b.weighted + (1.0 + b.rest) * below_b);
  let other = b.score > a.score;
  return Partial(
    highest, best, second, rest, weighted, max(a.score, b.score), select(a.token, b.token, other),
    select(a.token_logit, b.token_logit, other), invalid,
  );
}
