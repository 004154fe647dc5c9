/** Draws tokens: the arg-max of logit + temperature * Gumbel noise, in f64, with the noise of src/core/decode/philox.ts. */
import { parallel, scratch } from "./control";
import { log } from "./logarithm";
import { philox } from "./philox";
import { argumentsAddress } from "./places";
import { Task } from "./task";

/** Gumbel noise of 32-bit numbers is below 33 ln 2. */
const highestNoise: f64 = 23;
/** Tokens that are looked at together: those of four counters. */
const group: i32 = 16;

@unmanaged
class SampleJob {
  logits: usize;
  vocabulary: i32;
  draws: usize;
}
const job = changetype<SampleJob>(argumentsAddress);

/** One draw; the token is written to it. */
@unmanaged
class Draw {
  temperature: f64;
  /** The row of logits. */
  row: i32;
  seed: i32;
  position: i32;
  step: i32;
  /** The token with the highest logit, at first. */
  token: i32;
}

/** @param draws 32 bytes each; excluded tokens have a logit of minus infinity */
export function sample(logits: usize, vocabulary: i32, draws: usize, count: i32): void {
  job.logits = logits;
  job.vocabulary = vocabulary;
  job.draws = draws;
  parallel(Task.sample, count);
}

export function sampleTask(index: i32): void {
  const draw = changetype<Draw>(job.draws + (<usize>index << 5));
  const logits = job.logits + ((<usize>draw.row * <usize>job.vocabulary) << 2);
  const most = draw.token & ~(group - 1);
  draw.token = -1;
  // From a high score on, most groups cannot win whatever their noise is.
  let best = drawGroup(draw, logits, most, -Infinity);
  const reach = draw.temperature * highestNoise;
  for (let first = 0; first < job.vocabulary; first += group) {
    if (<f64>highest(logits, first) + reach < best) continue;
    best = drawGroup(draw, logits, first, best);
  }
}

/** The highest logit of a group. */
function highest(logits: usize, first: i32): f32 {
  const at = logits + (<usize>first << 2);
  if (first + group > job.vocabulary) return Infinity;
  const low = f32x4.pmax(v128.load(at), v128.load(at, 16));
  const most = f32x4.pmax(low, f32x4.pmax(v128.load(at, 32), v128.load(at, 48)));
  const pair = f32x4.pmax(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1));
}

/** Draws among the tokens of a group and the best one before. Returns the best score; the draw has its token. */
function drawGroup(draw: Draw, logits: usize, first: i32, before: f64): f64 {
  let best = before;
  philox(draw.position, draw.step, first >> 2, draw.seed, scratch);
  for (let word = 0; word < 4; word++) {
    const bits = v128.load(scratch + (<usize>word << 4));
    const low = noise(f64x2.convert_low_i32x4_u(bits));
    const high = noise(f64x2.convert_low_i32x4_u(v128.shuffle<i64>(bits, bits, 1, 1)));
    // Lane n has the noise of token 4 n + word.
    for (let lane = 0; lane < 4; lane++) {
      const token = first + 4 * lane + word;
      if (token >= job.vocabulary) break;
      const logit = load<f32>(logits + (<usize>token << 2));
      if (logit == -Infinity) continue;
      const half = lane < 2 ? low : high;
      const own = (lane & 1) == 0 ? f64x2.extract_lane(half, 0) : f64x2.extract_lane(half, 1);
      const score = <f64>logit + draw.temperature * own;
      if (score > best || (score == best && token < draw.token)) {
        best = score;
        draw.token = token;
      }
    }
  }
  return best;
}

/** -ln(-ln((bits + 0.5) / 2^32)) */
@inline
function noise(bits: v128): v128 {
  const uniform = f64x2.mul(f64x2.add(bits, f64x2.splat(0.5)), f64x2.splat(2.3283064365386963e-10));
  return f64x2.neg(log(f64x2.neg(log(uniform))));
}
