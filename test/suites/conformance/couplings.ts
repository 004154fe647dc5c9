/** couplings: attention among the wanted rows, from the queries and keys of two layers. */
import {
  type CacheDType,
  couplingsOf,
  type HeadRequest,
  type PassStatistics,
  type Span,
} from "../../../src/core/tensor/index.ts";
import { type Case, equal, near, type Surroundings } from "../suite.ts";
import { type Experiment, run, slotBase, type Weight } from "./harness.ts";
import { generator, matrix } from "./random.ts";
import { type Rows, sees, softmax, toRows } from "./reference.ts";
import { wholeSpan } from "./wholeSpan.ts";

interface Shape {
  readonly name: string;
  readonly heads: number;
  readonly kvHeads: number;
  readonly width: number;
  readonly cache?: CacheDType;
  readonly lengths: readonly number[];
  readonly spans: readonly Span[];
  readonly requests: readonly HeadRequest[];
}

const layers = 2;
const hidden = 24;
const vocabulary = 41;
const from = (start: number, end: number, step = 1) =>
  Array.from({ length: Math.ceil((end - start) / step) }, (_, index) => start + step * index);
const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const request = (own: Partial<HeadRequest>): HeadRequest => {
  return { span: 0, positions: [], shift: 0, maskToken: -1, sampling, step: 0, ...own };
};

const plain = { heads: 2, kvHeads: 2, width: 8 };
const shapes: readonly Shape[] = [
  {
    ...plain,
    name: "all rows, of the last layer",
    lengths: [9],
    spans: [wholeSpan(0, 9)],
    requests: [request({ positions: from(0, 9), couplings: 1 })],
  },
  {
    ...plain,
    name: "some rows, of both layers",
    lengths: [21],
    spans: [wholeSpan(0, 21)],
    requests: [request({ positions: [2, 3, 7, 20], couplings: 2 })],
  },
  {
    ...plain,
    name: "several sequences, one without",
    lengths: [7, 5, 11],
    spans: [wholeSpan(2, 11), wholeSpan(0, 7), wholeSpan(1, 5)],
    requests: [
      request({ span: 0, positions: [1, 8, 9], couplings: 1 }),
      request({ span: 1, positions: [3, 4] }),
      request({ span: 2, positions: [4], couplings: 2 }),
    ],
  },
  {
    ...plain,
    name: "rows that predict the next position",
    lengths: [9],
    spans: [wholeSpan(0, 9)],
    requests: [request({ positions: [0, 4, 5, 8], shift: 1, couplings: 2 })],
  },
  {
    name: "grouped heads, f16, blocks that do not see later ones",
    heads: 6,
    kvHeads: 2,
    width: 10,
    cache: "f16",
    lengths: [4, 23],
    spans: [{ ...wholeSpan(1, 23), maskBlock: 4, origin: 3 }, wholeSpan(0, 4)],
    requests: [request({ positions: from(1, 23, 2), couplings: 2 })],
  },
  {
    ...plain,
    name: "with guidance, of the first span",
    lengths: [6, 6],
    spans: [wholeSpan(0, 6), wholeSpan(1, 6)],
    requests: [request({ positions: [2, 5], guidance: { span: 1, scale: 1.5 }, couplings: 1 })],
  },
  {
    ...plain,
    name: "more rows and keys than a tile has",
    lengths: [71],
    spans: [wholeSpan(0, 71)],
    requests: [request({ positions: from(5, 68), couplings: 2 })],
  },
];

export function couplingsCases(surroundings: Surroundings): readonly Case[] {
  const cases = shapes.map((shape, index) => ({
    name: `couplings: ${shape.name}`,
    run: async () => {
      const experiment = experimentOf(shape, index);
      const names = ["query0", "query1", "keys0", "keys1"] as const;
      const { statistics, values } = await run(surroundings.backend, experiment, ...names);
      const queries = [values.query0, values.query1].map((data) => toRows(data, shape.width));
      const keys = [values.keys0, values.keys1].map((data) => toRows(data, shape.width));
      for (const [r, each] of shape.requests.entries()) {
        for (const [i, position] of each.positions.entries()) {
          const found = couplingsOf(statistics.couplings!, statistics.rowStarts[r]! + i);
          const expected = each.couplings ? rowOf(shape, experiment, each, position, { queries, keys }) : [];
          equal(found.length, expected.length, `request ${r}, position ${position}: entries`);
          near(found, expected, 1e-5, `request ${r}, position ${position}`);
        }
      }
    },
  }));
  return [
    ...cases,
    { name: "couplings: bits of a row alone and in a batch", run: () => checkBatch(surroundings) },
    { name: "couplings: none without a request", run: () => checkNone(surroundings) },
  ];
}

/** The couplings of a row by definition: the queries of its token with all keys that it sees, of which some are wanted. */
function rowOf(
  { heads, kvHeads, width, spans }: Shape,
  { slots }: Experiment,
  { span: index, positions, shift, couplings }: HeadRequest,
  position: number,
  found: { readonly queries: readonly Rows[]; readonly keys: readonly Rows[] },
): readonly number[] {
  const span = spans[index]!;
  const token = spans.slice(0, index).reduce((sum, { start, end }) => sum + end - start, -span.start);
  const own = Math.max(0, position - shift);
  const seen = from(0, span.visible).filter((key) => sees(span, own, key));
  const sums = positions.map(() => 0);
  for (let layer = layers - couplings!; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) {
      const query = found.queries[layer]![(token + own) * heads + head]!;
      const scores = seen.map((key) => {
        const row = (slotBase(slots, span.slot) + key) * kvHeads + Math.floor((head * kvHeads) / heads);
        return found.keys[layer]![row]!.reduce((sum, value, k) => sum + value * query[k]!, 0);
      });
      const weights = softmax(scores.map((score) => score / Math.sqrt(width)));
      positions.forEach((other, column) => {
        sums[column]! += weights[seen.indexOf(Math.max(0, other - shift))] ?? 0;
      });
    }
  }
  return sums.map((sum) => sum / (heads * couplings!));
}

function experimentOf(shape: Shape, index: number): Experiment {
  const random = generator(900 + index);
  const { heads, kvHeads, width, cache, lengths, spans, requests } = shape;
  const weight = (rows: number, columns: number, scale: number): Weight => {
    return { shape: columns === 1 ? [rows] : [rows, columns], data: matrix(random, rows, columns, scale) };
  };
  const longest = Math.max(...lengths);
  // Cosines of 1 and sines of 0: no rotation.
  const rope = Float32Array.from({ length: longest * width }, (_, at) => (at % width < width / 2 ? 1 : 0));
  const weights = {
    embedding: weight(vocabulary, hidden, 1),
    norm: weight(hidden, 1, 1),
    qkv0: weight((heads + 2 * kvHeads) * width, hidden, 0.2),
    qkv1: weight((heads + 2 * kvHeads) * width, hidden, 0.2),
    rope: { shape: [longest, width], data: rope },
  };
  return {
    weights,
    hidden,
    slots: lengths.map((length) => Array.from({ length }, () => Math.floor(random() * vocabulary))),
    spans,
    requests,
    body: (b, x, w) => {
      for (let layer = 0; layer < layers; layer++) {
        const query = b.boundary(`query${layer}`, ["tokens", heads * width]);
        const keys = b.cache(`keys${layer}`, kvHeads * width, cache);
        const values = b.cache(`values${layer}`, kvHeads * width, cache);
        const inputs = { x, norm: w("norm"), weight: w(`qkv${layer}`), rope: w("rope"), keys, values };
        const normed = b.scratch(`normed${layer}`, ["tokens", hidden]);
        const sizes = { heads, kvHeads, headDimension: width };
        const none = { bias: undefined, queryNorm: undefined, keyNorm: undefined };
        b.node(
          "qkv",
          `qkv${layer}`,
          Object.assign(none, inputs),
          { query, normed },
          {
            ...sizes,
            rotaryDimension: width,
            epsilon: 1e-5,
          },
        );
        const attributes = { ...sizes, scale: 1 / Math.sqrt(width), layer, layers };
        b.node("couplings", `couplings${layer}`, { query, keys }, {}, attributes);
      }
    },
  };
}

const coupled = async ({ backend }: Surroundings, experiment: Experiment): Promise<PassStatistics> =>
  (await run(backend, experiment)).statistics;

async function checkBatch(surroundings: Surroundings): Promise<void> {
  const shape = shapes.find(({ name }) => name.startsWith("several"))!;
  const experiment = experimentOf(shape, 2);
  const together = await coupled(surroundings, experiment);
  const [span, only] = [shape.spans[0]!, shape.requests[0]!];
  const alone = await coupled(surroundings, { ...experiment, spans: [span], requests: [only] });
  const bits = ({ couplings }: PassStatistics) =>
    only.positions.map((_, row) => Array.from(couplingsOf(couplings!, row)));
  equal(bits(together), bits(alone), "couplings of the first request");
}

async function checkNone(surroundings: Surroundings): Promise<void> {
  const shape = { ...shapes[0]!, requests: [request({ positions: [1, 2] })] };
  const { couplings } = await coupled(surroundings, experimentOf(shape, 0));
  equal(couplings, undefined, "couplings");
}
