/** selectRows and headStatistics: which rows, guided how, and what is said of their distributions. */
import { gumbel } from "../../../src/core/decode/philox.ts";
import type { HeadRequest, Sampling, Span, TopTokens } from "../../../src/core/tensor/index.ts";
import { type Case, equal, near, type Surroundings } from "../suite.ts";
import { run, type Weight } from "./harness.ts";
import { generator, matrix } from "./random.ts";
import { linear, rmsNorm, softmax, topK, toRows } from "./reference.ts";
import { wholeSpan } from "./wholeSpan.ts";

const hidden = 20;
const vocabulary = 37;
const epsilon = 1e-6;
const greedy: Sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };

interface Variant {
  readonly name: string;
  readonly spans: readonly Span[];
  readonly requests: readonly HeadRequest[];
  /** Rows of the head that are copies of another, to make ties. */
  readonly twins?: readonly (readonly [number, number])[];
}
const ask = { shift: 0, maskToken: 4, sampling: greedy, step: 0 };
const variants: readonly Variant[] = [
  { name: "some rows", spans: [wholeSpan(0, 9)], requests: [{ ...ask, span: 0, positions: [0, 3, 8] }] },
  {
    name: "more rows than a chunk",
    spans: [wholeSpan(0, 39)],
    requests: [{ ...ask, span: 0, positions: [...Array(39).keys()] }],
  },
  {
    name: "several requests",
    spans: [wholeSpan(1, 5), wholeSpan(0, 9)],
    requests: [
      { ...ask, span: 0, positions: [2] },
      { ...ask, span: 1, positions: [0, 8], maskToken: 11 },
    ],
  },
  {
    name: "shifted rows",
    spans: [wholeSpan(0, 9)],
    requests: [{ ...ask, span: 0, positions: [0, 1, 5], shift: 1 }],
  },
  {
    name: "guidance",
    spans: [wholeSpan(0, 9), wholeSpan(1, 9)],
    requests: [{ ...ask, span: 0, positions: [1, 5], guidance: { span: 1, scale: 1.5 } }],
  },
  {
    name: "ties",
    spans: [wholeSpan(0, 9)],
    requests: [{ ...ask, span: 0, positions: [0, 1, 2, 3] }],
    twins: [
      [3, 30],
      [9, 8],
      [20, 36],
    ],
  },
  {
    name: "temperature",
    spans: [wholeSpan(0, 39)],
    requests: [
      {
        ...ask,
        span: 0,
        positions: [...Array(39).keys()],
        step: 3,
        sampling: { ...greedy, temperature: 3, seed: 7 },
      },
    ],
  },
  {
    name: "temperature, topK and topP",
    spans: [wholeSpan(0, 39)],
    requests: [
      {
        ...ask,
        span: 0,
        positions: [...Array(39).keys()],
        sampling: { temperature: 9, topK: 6, topP: 0.9, seed: 7 },
      },
    ],
  },
  {
    name: "greedy at a temperature, and its scores",
    spans: [wholeSpan(0, 39), wholeSpan(1, 9)],
    requests: [
      {
        ...ask,
        span: 0,
        positions: [...Array(39).keys()],
        sampling: { ...greedy, temperature: 3, greedy: true, scores: "sampled" },
      },
      { ...ask, span: 1, positions: [2, 4], sampling: { ...greedy, temperature: 3, greedy: true } },
    ],
  },
  {
    name: "scores of what is sampled",
    spans: [wholeSpan(0, 39), wholeSpan(1, 9)],
    requests: [
      {
        ...ask,
        span: 0,
        positions: [...Array(39).keys()],
        sampling: { temperature: 9, topK: 6, topP: 0.9, seed: 7, scores: "sampled" },
      },
      { ...ask, span: 1, positions: [0, 3, 8], sampling: { ...greedy, topP: 0.9, scores: "sampled" } },
    ],
  },
  {
    name: "gathered logits and all logits",
    spans: [wholeSpan(0, 9)],
    requests: [{ ...ask, span: 0, positions: [1, 5], gather: [[0, 36, 2], []], logits: true, maskToken: -1 }],
  },
  {
    name: "forbidden tokens",
    spans: [wholeSpan(0, 39), wholeSpan(1, 9)],
    requests: [
      {
        ...ask,
        span: 0,
        positions: [1, 5, 6, 38],
        forbidden: [[0, 12, 13], Array.from({ length: 30 }, (_, token) => token), [], [36, 20]],
      },
      { ...ask, span: 1, positions: [2, 8], forbidden: [[35], Array.from({ length: 36 }, (_, t) => t)] },
    ],
  },
  {
    name: "forbidden tokens, temperature and topK",
    spans: [wholeSpan(0, 9)],
    requests: [
      {
        ...ask,
        span: 0,
        positions: [1, 5],
        forbidden: [[], Array.from({ length: 33 }, (_, token) => token)],
        sampling: { temperature: 9, topK: 6, topP: 1, seed: 7 },
      },
    ],
  },
  {
    name: "the best tokens of some rows",
    spans: [wholeSpan(0, 39), wholeSpan(1, 9), wholeSpan(1, 9)],
    requests: [
      { ...ask, span: 0, positions: [...Array(9).keys()], top: 20 },
      { ...ask, span: 1, positions: [0, 8], maskToken: 11 },
      { ...ask, span: 2, positions: [3, 4], top: 0 },
    ],
  },
  {
    name: "the best tokens, with ties",
    spans: [wholeSpan(0, 9)],
    requests: [{ ...ask, span: 0, positions: [0, 1, 2, 3], top: 8 }],
    twins: [
      [3, 30],
      [3, 2],
      [3, 36],
      [9, 8],
      [20, 35],
      [21, 0],
    ],
  },
  {
    name: "more best tokens than may stand there",
    spans: [wholeSpan(0, 9)],
    requests: [
      {
        ...ask,
        span: 0,
        positions: [1, 5, 6],
        forbidden: [[0, 12, 13], Array.from({ length: 34 }, (_, token) => token), [36]],
        top: 5,
      },
    ],
  },
  {
    name: "the best tokens where scores are of what is sampled, with a mixture",
    spans: [wholeSpan(0, 39), wholeSpan(1, 9)],
    requests: [
      {
        ...ask,
        span: 0,
        positions: [...Array(39).keys()],
        sampling: { temperature: 9, topK: 6, topP: 0.9, seed: 7, scores: "sampled" },
        top: 3,
      },
      { ...ask, span: 1, positions: [2, 4], mixture: 4, top: 7, guidance: { span: 0, scale: 1.5 } },
    ],
  },
  {
    name: "exact mixture",
    spans: [wholeSpan(0, 9)],
    requests: [{ ...ask, span: 0, positions: [1, 5], mixture: "exact" }],
  },
  {
    name: "mixture of 4",
    spans: [wholeSpan(0, 9)],
    requests: [{ ...ask, span: 0, positions: [1, 5], mixture: 4 }],
  },
];

export function headCases({ backend }: Surroundings): readonly Case[] {
  return variants.map((variant, index) => ({
    name: `selectRows and headStatistics: ${variant.name}`,
    run: async () => {
      const random = generator(500 + index);
      const weight = (rows: number, scale: number): Weight => {
        return { shape: rows === 1 ? [hidden] : [rows, hidden], data: matrix(random, rows, hidden, scale) };
      };
      const weights = {
        embedding: weight(vocabulary, 3000),
        norm: weight(1, 1),
        head: weight(vocabulary, 0.4),
      };
      for (const [from, to] of variant.twins ?? []) {
        weights.head.data.copyWithin(to * hidden, from * hidden, (from + 1) * hidden);
      }
      const slots = [39, 9].map((length) => Array.from({ length }, () => Math.floor(random() * vocabulary)));
      const { spans, requests } = variant;
      const outcome = await run(backend, {
        weights,
        hidden,
        slots,
        spans,
        requests,
        body: () => {},
        head: (b, w) => {
          const chosen = b.boundary("chosen", ["rows", hidden]);
          const x = b.boundary("x", ["tokens", hidden]);
          const mixture = b.boundary("mixture", ["rows", hidden]);
          b.node("selectRows", "selectRows", { x, norm: w("norm") }, { hidden: chosen }, { epsilon });
          const inputs = { hidden: chosen, weight: w("head"), embedding: w("embedding") };
          b.node("headStatistics", "headStatistics", inputs, { mixture }, { vocabulary });
        },
      });

      const embedding = toRows(weights.embedding.data, hidden);
      const head = toRows(weights.head.data, hidden);
      const mixtures = toRows(await outcome.read("mixture"), hidden);
      const normed = (slot: number, position: number) =>
        rmsNorm(embedding[slots[slot]![position]!]!, Array.from(weights.norm.data), epsilon);
      let row = 0;
      for (const [r, request] of requests.entries()) {
        const got = outcome.statistics[r]!;
        for (const [i, position] of request.positions.entries()) {
          const at = `request ${r}, position ${position}`;
          const predicting = Math.max(0, position - request.shift);
          const own = normed(spans[request.span]!.slot, predicting);
          const { guidance } = request;
          const other = guidance && normed(spans[guidance.span]!.slot, predicting);
          const combined = own.map((c, k) =>
            other ? other[k]! + (guidance.scale + 1) * (c - other[k]!) : c,
          );
          const raw = linear(combined, head);
          const excluded = [request.maskToken, ...(request.forbidden?.[i] ?? [])];
          const logits = raw.map((value, token) => (excluded.includes(token) ? -Infinity : value));
          const probabilities = softmax(logits);
          const [best, second] = topK(logits, 2);
          equal(got.valid[i], 1, `${at}: valid`);
          equal(got.best[i], best, `${at}: best`);
          const token = choice(logits, request, position);
          equal(got.token[i], token, `${at}: token`);
          const scored = request.sampling.scores === "sampled" ? sampled(logits, request) : probabilities;
          near([got.confidence[i]!], [scored[token]!], 2e-3, `${at}: confidence`);
          near([got.bestProbability[i]!], [scored[best!]!], 2e-3, `${at}: best probability`);
          near([got.bestLogit[i]!], [logits[best!]!], 1e-5, `${at}: best logit`);
          near([got.secondProbability[i]! + 1], [scored[second!]! + 1], 1e-4, `${at}: second`);
          const entropy = -scored.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
          near([got.entropy[i]! + 1], [entropy + 1], 1e-3, `${at}: entropy`);
          near([got.logSumExp[i]! + 1], [1 - Math.log(scored[best!]!)], 1e-3, `${at}: log-sum-exp`);
          if (request.top === undefined) equal(got.top, undefined, `${at}: best tokens`);
          else sameTop(got.top!, i, { request, logits, token }, at);
          const wanted = request.gather?.[i];
          if (wanted && wanted.length > 0) {
            near(
              got.gathered![i]!,
              wanted.map((each) => raw[each]!),
              1e-5,
              `${at}: gathered`,
            );
          }
          if (request.logits)
            near(got.logits!.subarray(i * vocabulary, (i + 1) * vocabulary), raw, 1e-5, `${at}: logits`);
          if (request.mixture !== undefined) {
            const kept = topK(logits, request.mixture === "exact" ? vocabulary : request.mixture);
            const mass = kept.reduce((sum, each) => sum + probabilities[each]!, 0);
            const mixture = own.map((_, k) =>
              kept.reduce((sum, each) => sum + (probabilities[each]! / mass) * embedding[each]![k]!, 0),
            );
            near(mixtures[row]!, mixture, 2e-3, `${at}: mixture`);
          }
          row++;
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
}

function sameTop(found: TopTokens, row: number, { request, logits, token }: TopRow, at: string): void {
  equal(found.size, request.top, `${at}: room for the best tokens`);
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
  if (kept.length > 0) near(values.slice(0, kept.length), expected, 1e-5, `${at}: logits of the best tokens`);
  near([found.chosen[row]!], [logits[token]!], 1e-4, `${at}: the chosen token's logit`);
  const plain = -Math.log(Math.max(...softmax(logits)));
  near([found.logSumExp[row]! + 1], [plain + 1], 1e-3, `${at}: plain log-sum-exp`);
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
  const { temperature, topK: limit, topP } = sampling;
  const tempered = softmax(logits.map((logit) => logit / (temperature || 1)));
  const order = topK(logits, limit || logits.length);
  let mass = 0;
  const allowed = order.filter((token) => {
    const before = mass;
    mass += tempered[token]!;
    return before < topP;
  });
  const kept = allowed.reduce((sum, token) => sum + tempered[token]!, 0);
  return tempered.map((probability, token) => (allowed.includes(token) ? probability / kept : 0));
}
