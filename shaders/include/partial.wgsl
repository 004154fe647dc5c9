// What is known of a part of a row's distribution; two parts merge into one, the lower tokens first.
const PARTIAL_WORDS = 12u;

struct Partial {
  /// The highest logit, its token (lowest on ties), the second-highest.
  highest: f32,
  best: u32,
  second: f32,
  /// Sum of exp(f (l - highest)) over all tokens but the best, f being the score factor: added to its 1, what tells sure from surer would be lost.
  rest: f32,
  /// Sum of exp(f (l - highest)) f (l - highest).
  weighted: f32,
  /// The highest perturbed logit, its token, its plain logit.
  score: f32,
  choice: u32,
  choice_logit: f32,
  /// Not 0 if a logit is NaN or plus infinity.
  bad: u32,
}

fn no_partial() -> Partial { return Partial(LOWEST, NONE, LOWEST, 0.0, 0.0, LOWEST, NONE, LOWEST, 0u); }

fn merge(a: Partial, b: Partial, factor: f32) -> Partial {
  if (b.best == NONE) { return Partial(a.highest, a.best, a.second, a.rest, a.weighted, a.score, a.choice, a.choice_logit, a.bad | b.bad); }
  if (a.best == NONE) { return Partial(b.highest, b.best, b.second, b.rest, b.weighted, b.score, b.choice, b.choice_logit, a.bad | b.bad); }
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
    highest, best, second, rest, weighted, max(a.score, b.score), select(a.choice, b.choice, other),
    select(a.choice_logit, b.choice_logit, other), a.bad | b.bad,
  );
}
