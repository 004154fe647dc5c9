/** selectRows and headStatistics: the selected rows, their guidance and the statistics of their distributions. */
import { gumbel } from "../../../src/core/decode/philox.ts";
import {
  dtypeInfo,
  gatheredLogits,
  type HeadRequest,
  type TopTokens,
} from "../../../src/core/tensor/index.ts";
import { type Case, equal, near, type Surroundings, toleranceOf } from "../suite.ts";
import { type Experiment, earlierToken, run, type Weight } from "./harness.ts";
import { headVariants } from "./headVariants.ts";
import { quantize } from "./quantize.ts";
import { generator, matrix } from "./random.ts";
import { linear, logSumExp, rmsNorm, softmax, topK, toRows } from "./reference.ts";

const vocabulary = 37;
const epsilon = 1e-6;

export function headCases(surroundings: Surroundings): readonly Case[] {
  return headVariants.map((variant, index) => ({
    name: `selectRows and headStatistics: ${variant.name}`,
    run: async () => {
      const random = generator(500 + index);
      const { quantized } = variant;
      const hidden = quantized === "bf16" ? 136 : quantized ? 2 * dtypeInfo(quantized).blockElements : 20;
      const stored = (weight: Weight): Weight => quantize(weight, quantized);
      const weight = (rows: number, scale: number): Weight => {
        return { shape: rows === 1 ? [hidden] : [rows, hidden], data: matrix(random, rows, hidden, scale) };
      };
      const embeddingInF32 = weight(vocabulary, 3000);
      const norm = weight(1, 1);
      const headInF32 = weight(vocabulary, variant.headScale ?? 0.4);
      for (const [from, to] of variant.twins ?? []) {
        headInF32.data.copyWithin(to * hidden, from * hidden, (from + 1) * hidden);
      }
      const weights = { embedding: stored(embeddingInF32), norm, head: stored(headInF32) };
      const slots = [39, 9].map((length) => Array.from({ length }, () => Math.floor(random() * vocabulary)));
      const { spans, requests, earlierStep } = variant;
      const experiment: Experiment = {
        weights,
        hidden,
        slots,
        spans,
        requests,
        earlierStep,
        body: () => {},
        head: (b, w) => {
          const chosen = b.boundary("chosen", ["rows", hidden]);
          const x = b.boundary("x", ["tokens", hidden]);
          const mixture = b.boundary("mixture", ["rows", hidden]);
          b.node("selectRows", "selectRows", { x, norm: w("norm") }, { hidden: chosen }, { epsilon });
          const inputs = { hidden: chosen, weight: w("head"), embedding: w("embedding") };
          b.node("headStatistics", "headStatistics", inputs, { mixture }, { vocabulary });
        },
      };
      const tolerance = toleranceOf(surroundings, variant.quantized !== undefined, 1e-5);
      const { statistics: got, values } = await run(surroundings.backend, experiment, "mixture");
      const wide = (usual: number) => toleranceOf(surroundings, variant.quantized === "bf16", usual);
      // Follows rounded logits, within what is allowed for the best.
      const ofSecond = Math.max(wide(1e-4), Math.min(10 * tolerance, 2e-3));
      const asked = (of: keyof HeadRequest) => requests.some((request) => request[of] !== undefined);
      equal(got.divergence !== undefined, asked("divergence"), "divergence");
      equal(got.gathered !== undefined, asked("gather"), "gathered logits");
      equal(got.logits !== undefined, asked("logits"), "logits");
      equal(got.top?.size, asked("top") ? Math.max(...requests.map(({ top = 0 }) => top)) : undefined, "top");

      const embedding = toRows(weights.embedding.data, hidden);
      const head = toRows(weights.head.data, hidden);
      const mixtures = toRows(values.mixture, hidden);
      /** Raw logits of the row that predicts a position, if `tokenOf` says what stands there. */
      const predicted = (request: HeadRequest, position: number, tokenOf: (token: number) => number) => {
        const at = Math.max(0, position - request.shift);
        const normed = (span: number) => {
          const token = tokenOf(slots[spans[span]!.slot]![at]!);
          return rmsNorm(embedding[token]!, Array.from(weights.norm.data), epsilon);
        };
        const { guidance } = request;
        const own = normed(request.span);
        const other = guidance && normed(guidance.span);
        const combined = own.map((c, k) => (other ? other[k]! + (guidance.scale + 1) * (c - other[k]!) : c));
        return linear(combined, head);
      };
      for (const [r, request] of requests.entries()) {
        const first = got.rowStarts[r]!;
        equal(got.rowStarts[r + 1], first + request.positions.length, `request ${r}: rows`);
        for (const [i, position] of request.positions.entries()) {
          const row = first + i;
          const at = `request ${r}, position ${position}`;
          const raw = predicted(request, position, (token) => token);
          const excluded = [request.maskToken, ...(request.forbidden?.[i] ?? [])];
          const allowed = (values: readonly number[]) =>
            values.map((value, token) => (excluded.includes(token) ? -Infinity : value));
          const logits = allowed(raw);
          const probabilities = softmax(logits);
          const [best, second] = topK(logits, 2);
          equal(got.valid[row], 1, `${at}: valid`);
          equal(got.best[row], best, `${at}: best`);
          const token = choice(logits, request, position);
          equal(got.token[row], token, `${at}: token`);
          const scored =
            request.sampling.confidenceFrom === "sampling" ? sampled(logits, request) : probabilities;
          near([got.confidence[row]!], [scored[token]!], wide(2e-3), `${at}: confidence`);
          near([got.bestProbability[row]!], [scored[best!]!], wide(2e-3), `${at}: best probability`);
          near([got.bestLogit[row]!], [logits[best!]!], tolerance, `${at}: best logit`);
          near([got.secondProbability[row]! + 1], [scored[second!]! + 1], ofSecond, `${at}: second`);
          const entropy = -scored.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
          near([got.entropy[row]! + 1], [entropy + 1], wide(1e-3), `${at}: entropy`);
          near([got.logSumExp[row]! + 1], [1 - Math.log(scored[best!]!)], wide(1e-3), `${at}: log-sum-exp`);
          if (request.top !== undefined)
            sameTop(got.top!, row, { request, logits, token, tolerance, wide }, at);
          const wanted = request.gather?.[i];
          if (wanted && wanted.length > 0) {
            // Relative to the whole row, of which these logits may be the small ones.
            near(
              [...gatheredLogits(got.gathered!, row), raw[best!]!],
              [...wanted.map((each) => logits[each]!), raw[best!]!],
              tolerance,
              `${at}: gathered`,
            );
          }
          if (request.divergence && earlierStep !== request.step - 1) {
            equal(got.divergence![row], Infinity, `${at}: divergence`);
          } else if (request.divergence) {
            const before = allowed(predicted(request, position, (token) => earlierToken(token, vocabulary)));
            const [mass, massBefore] = [logSumExp(logits), logSumExp(before)];
            const terms = probabilities.map((p, token) =>
              p > 0 ? p * (logits[token]! - mass - (before[token]! - massBefore)) : 0,
            );
            const expected = terms.reduce((sum, term) => sum + term, 0);
            near([got.divergence![row]! + 1], [expected + 1], wide(2e-3), `${at}: divergence`);
          }
          if (request.logits)
            near(
              got.logits!.subarray(row * vocabulary, (row + 1) * vocabulary),
              raw,
              tolerance,
              `${at}: logits`,
            );
          if (request.mixture !== undefined) {
            const kept = topK(logits, request.mixture === "exact" ? vocabulary : request.mixture);
            const mass = kept.reduce((sum, each) => sum + probabilities[each]!, 0);
            const mixture = [...Array(hidden).keys()].map((k) =>
              kept.reduce((sum, each) => sum + (probabilities[each]! / mass) * embedding[each]![k]!, 0),
            );
            near(mixtures[row]!, mixture, wide(2e-3), `${at}: mixture`);
          }
        }
      }
    },
  }));
}

interface TopRow {
  readonly request: HeadRequest;
  readonly logits: readonly number[];
  /** The chosen token. */
  readonly token: number;
  readonly tolerance: number;
  readonly wide: (usual: number) => number;
}

function sameTop(
  found: TopTokens,
  row: number,
  { request, logits, token, tolerance, wide }: TopRow,
  at: string,
): void {
  const own = [row * found.size, (row + 1) * found.size] as const;
  const exists = (each: number) => each > -Infinity;
  const kept = topK(logits, request.top!).filter((each) => exists(logits[each]!));
  const values = [...found.logits.subarray(...own)];
  equal(
    values.map(exists),
    [...Array(found.size).keys()].map((rank) => rank < kept.length),
    `${at}: existing`,
  );
  equal([...found.tokens.subarray(...own)].slice(0, kept.length), kept, `${at}: best tokens`);
  const expected = kept.map((each) => logits[each]!);
  if (kept.length > 0)
    near(values.slice(0, kept.length), expected, tolerance, `${at}: logits of the best tokens`);
  near([found.chosen[row]!], [logits[token]!], wide(1e-4), `${at}: the chosen token's logit`);
  const plain = -Math.log(Math.max(...softmax(logits)));
  near([found.logSumExp[row]! + 1], [plain + 1], wide(1e-3), `${at}: plain log-sum-exp`);
}

/** The choice as algorithms define it: the perturbed arg-max of what the filters let through. */
function choice(logits: readonly number[], request: HeadRequest, position: number): number {
  const { step, sampling } = request;
  const { temperature, seed } = sampling;
  if (temperature === 0 || sampling.greedy) return topK(logits, 1)[0]!;
  const probabilities = sampled(logits, request);
  const scores = logits.map((logit, token) =>
    probabilities[token]! > 0 ? logit + temperature * gumbel(seed, position, step, token) : -Infinity,
  );
  return topK(scores, 1)[0]!;
}

/** The distribution that tokens are drawn from: tempered, then filtered. */
function sampled(logits: readonly number[], { sampling }: HeadRequest): readonly number[] {
  const { temperature, topK: limit, topP, minP = 0 } = sampling;
  const tempered = softmax(logits.map((logit) => logit / (temperature || 1)));
  const order = topK(logits, limit || logits.length);
  let mass = 0;
  const allowed = order.filter((token) => {
    const before = mass;
    mass += tempered[token]!;
    return before < topP;
  });
  const probable = allowed.filter((token) => tempered[token]! >= minP * Math.max(...tempered));
  const kept = probable.reduce((sum, token) => sum + tempered[token]!, 0);
  return tempered.map((probability, token) => (probable.includes(token) ? probability / kept : 0));
}
