/** What the conformance table asks of the head, over a vocabulary of 37 and slots of 39 and 9 positions. */
import {
  type HeadRequest,
  quantizedDTypes,
  type Sampling,
  type Span,
} from "../../../src/core/tensor/index.ts";
import type { StoredDType } from "./harness.ts";
import { wholeSpan } from "./wholeSpan.ts";

const greedy: Sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };

export interface HeadVariant {
  readonly name: string;
  readonly spans: readonly Span[];
  readonly requests: readonly HeadRequest[];
  /** Rows of the head that are copies of another, to make ties. */
  readonly twins?: readonly (readonly [number, number])[];
  /** The step of the first pass, which divergences compare with if it is the one before. */
  readonly earlierStep?: number;
  /** How large the head's weights are; as they are by default, distributions are sharp. */
  readonly headScale?: number;
  /** The type of embedding and head, if they are quantized. */
  readonly quantized?: StoredDType;
}

const ask = { shift: 0, maskToken: 4, sampling: greedy, step: 0 };
/** Every position of the longer slot: more rows than a chunk. */
const askAll = { ...ask, span: 0, positions: [...Array(39).keys()] };
const filtered: Sampling = { temperature: 9, topK: 6, topP: 0.9, seed: 7 };
/** Tokens [0, end). */
const below = (end: number) => Array.from({ length: end }, (_, token) => token);

export const headVariants: readonly HeadVariant[] = [
  { name: "some rows", spans: [wholeSpan(0, 9)], requests: [{ ...ask, span: 0, positions: [0, 3, 8] }] },
  {
    name: "more rows than a chunk",
    spans: [wholeSpan(0, 39)],
    requests: [askAll],
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
        ...askAll,
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
        ...askAll,
        sampling: filtered,
      },
    ],
  },
  {
    name: "minP, alone and beside topK and topP, and its scores",
    spans: [wholeSpan(0, 39), wholeSpan(1, 9)],
    requests: [
      { ...askAll, sampling: { ...greedy, temperature: 9, minP: 0.3, seed: 5 } },
      {
        ...ask,
        span: 1,
        positions: [0, 3, 8],
        sampling: { ...filtered, minP: 0.5, confidenceFrom: "sampling" },
      },
    ],
  },
  {
    name: "greedy at a temperature, and its scores",
    spans: [wholeSpan(0, 39), wholeSpan(1, 9)],
    requests: [
      {
        ...askAll,
        sampling: { ...greedy, temperature: 3, greedy: true, confidenceFrom: "sampling" },
      },
      { ...ask, span: 1, positions: [2, 4], sampling: { ...greedy, temperature: 3, greedy: true } },
    ],
  },
  {
    name: "scores of what is sampled",
    spans: [wholeSpan(0, 39), wholeSpan(1, 9)],
    requests: [
      {
        ...askAll,
        sampling: { ...filtered, confidenceFrom: "sampling" },
      },
      {
        ...ask,
        span: 1,
        positions: [0, 3, 8],
        sampling: { ...greedy, topP: 0.9, confidenceFrom: "sampling" },
      },
    ],
  },
  {
    name: "gathered logits and all logits",
    spans: [wholeSpan(0, 9)],
    requests: [{ ...ask, span: 0, positions: [1, 5], gather: [[0, 36, 2], []], logits: true, maskToken: -1 }],
  },
  {
    name: "gathered logits of tokens that may not stand there",
    spans: [wholeSpan(0, 9)],
    requests: [
      {
        ...ask,
        span: 0,
        positions: [1, 5],
        gather: [
          [0, 4],
          [7, 9],
        ],
        forbidden: [[], [8, 9]],
      },
    ],
  },
  {
    name: "divergence",
    spans: [wholeSpan(0, 39), wholeSpan(1, 9)],
    requests: [
      { ...askAll, step: 1, divergence: true },
      { ...ask, span: 1, positions: [0, 3], step: 1 },
    ],
    earlierStep: 0,
  },
  {
    name: "divergence, guidance and forbidden tokens",
    spans: [wholeSpan(0, 9), wholeSpan(1, 9)],
    requests: [
      {
        ...ask,
        span: 0,
        positions: [1, 5, 6],
        step: 8,
        divergence: true,
        shift: 1,
        guidance: { span: 1, scale: 1.5 },
        forbidden: [[0, 12, 13], [], [36, 20]],
      },
    ],
    earlierStep: 7,
    headScale: 0.003,
  },
  {
    name: "divergence from a step that is not the one before",
    spans: [wholeSpan(0, 9)],
    requests: [{ ...ask, span: 0, positions: [1, 5], step: 3, divergence: true }],
    earlierStep: 1,
  },
  {
    name: "forbidden tokens",
    spans: [wholeSpan(0, 39), wholeSpan(1, 9)],
    requests: [
      {
        ...ask,
        span: 0,
        positions: [1, 5, 6, 38],
        forbidden: [[0, 12, 13], below(30), [], [36, 20]],
      },
      { ...ask, span: 1, positions: [2, 8], forbidden: [[35], below(36)] },
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
        forbidden: [[], below(33)],
        sampling: { ...filtered, topP: 1 },
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
        forbidden: [[0, 12, 13], below(34), [36]],
        top: 5,
      },
    ],
  },
  {
    name: "the best tokens where scores are of what is sampled, with a mixture",
    spans: [wholeSpan(0, 39), wholeSpan(1, 9)],
    requests: [
      {
        ...askAll,
        sampling: { ...filtered, confidenceFrom: "sampling" },
        top: 3,
      },
      { ...ask, span: 1, positions: [2, 4], mixture: 4, top: 7, guidance: { span: 0, scale: 1.5 } },
    ],
  },
  ...(["bf16", ...quantizedDTypes] as const).map(
    (quantized) =>
      ({
        name: `${quantized}: statistics, gathered logits, divergence, a mixture`,
        quantized,
        spans: [wholeSpan(0, 39), wholeSpan(1, 9)],
        requests: [
          { ...askAll, step: 1, divergence: true, top: 3 },
          {
            ...ask,
            span: 1,
            positions: [0, 3],
            step: 1,
            gather: [[0, 36, 2], [7]],
            logits: true,
            mixture: 4,
          },
        ],
        earlierStep: 0,
        headScale: 0.003,
      }) satisfies HeadVariant,
  ),
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
