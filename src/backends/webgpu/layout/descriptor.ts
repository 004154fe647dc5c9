/**
 * The step descriptor: a pass as words that kernels read. What the words mean is also in shaders/include/step.wgsl and
 * request.wgsl. Header, then spans, then head requests.
 */
import { bug } from "../../../core/error.ts";
import { type ForwardPass, type HeadRequest, minPFloor, type SlotId } from "../../../core/tensor/index.ts";
import type { ForbiddenTables } from "./forbiddenTables.ts";

export const none = 0xffffffff;
export const headerWords = 8;
export const spanWords = 12;
export const requestWords = 33;
/** Spans, and head requests, that a step may hold: what fits the uniform of include/step.wgsl. */
export const maxSpans = 64;
/** Steps that one submission may hold. */
export const maxSteps = 8;
/** Bytes from one step's descriptor to the next. */
export const descriptorBytes = 4 * 3072;
/** Where in a request stands what only the device's own decisions need. */
const decisionWord = 14;
/** Word of a request that says how many best tokens it wants, plus one; 0 is none at all. */
const topWord = 26;
/** Word of a request that says where in the ring of log-probabilities its part begins. */
const ringWord = 27;
const mostParameters = topWord - decisionWord - 6;
/** Word of a request that says how much its mixtures weigh. */
export const softenWord = 28;
/** Word of a request that says where its table of forbidden tokens begins. */
const forbiddenWord = 30;
/** Word of a request that says what differences of logits are multiplied with for its scores. */
const scoreWord = 31;

/** Word of a request that says how far below the best logit a token may be that is sampled. */
const floorWord = 32;

export const requestFlag = {
  forbidden: 1,
  divergence: 2,
  mixture: 4,
  samples: 8,
  filters: 16,
  known: 32,
  sampledScores: 64,
} as const;

/** What the sizes of dispatches depend on. */
export interface PassCounts {
  readonly tokens: number;
  readonly rows: number;
  readonly requests: number;
  readonly attentionTiles: number;
  /** Pairs of gatherLogits. */
  readonly pairs: number;
  /** Whether some row needs its divergence; its logits for a moment; a mixture. */
  readonly divergence: boolean;
  readonly distribution: boolean;
  readonly mixture: boolean;
  /** Words of the best tokens of a row; 0 if no row wants any. */
  readonly candidateWords: number;
  /** What the device decides by itself; absent where the host does. */
  readonly device?: DeviceCounts;
}

export interface DeviceCounts {
  /** Numbers of the decoders that some row has. */
  readonly decoders: ReadonlySet<number>;
  /** The most tokens that have credit at a position. */
  readonly credits: number;
}

/** What a request says to the device that decides for itself. */
export interface DecisionWords {
  readonly row: number;
  readonly start: number;
  readonly end: number;
  readonly decoder: number;
  /** Word of the report where the row's part begins. */
  readonly reportAt: number;
  /** Tells this submission's commits from those of others. */
  readonly epoch: number;
  readonly parameters: readonly number[];
  readonly soften: number;
  /** Index of the step in its submission. */
  readonly step: number;
  /** Whether the decoder looks at known positions too. */
  readonly known: boolean;
  /** Word of the ring where the row's part begins, if it has one. */
  readonly ringAt: number;
}

export interface DescribeOptions {
  /** Where a slot begins in the pool. */
  base(slot: SlotId): number;
  /** Queries of a tile of attention. */
  readonly tileQueries: number;
  /** Gets the tables of requests that forbid tokens. */
  readonly tables: ForbiddenTables;
  /** By span: the row of the submission whose state says whether it is still at work. */
  readonly rowOfSpan?: readonly number[];
  /** By head request. */
  readonly decisions?: readonly DecisionWords[];
  readonly device?: DeviceCounts;
}

/** In place of minus infinity, which WGSL need not keep. */
const lowestFloat = -3.4e38;

const bits = new DataView(new ArrayBuffer(4));
export function floatBits(value: number): number {
  bits.setFloat32(0, value);
  return bits.getUint32(0);
}

/** Words of a row's so many best tokens: shaders/topCandidates.wgsl writes them. */
export function candidateWords(top: number): number {
  return 1 + 2 * top;
}

/** Words that a step with so many spans and requests takes. */
export function descriptorWords(spans: number, requests: number): number {
  return headerWords + spans * spanWords + requests * requestWords;
}

/** Rows of each span's first position among the pass's tokens. */
export function spanRows(step: Pick<ForwardPass, "spans">): readonly number[] {
  let row = 0;
  return step.spans.map(({ start, end }) => {
    const own = row;
    row += end - start;
    return own;
  });
}

/** Writes a step to `words` from `at` on, and says what it counts. */
export function describe(
  step: ForwardPass,
  words: Uint32Array,
  at: number,
  options: DescribeOptions,
): PassCounts {
  const { spans, head } = step;
  const rows = spanRows(step);
  const spansAt = headerWords;
  const requestsAt = spansAt + spans.length * spanWords;
  let tiles = 0;
  spans.forEach((span, index) => {
    const to = at + spansAt + index * spanWords;
    const { slot, start, end, visible, maskBlock, origin } = span;
    const mask = maskBlock === Infinity ? 0 : maskBlock;
    const row = options.rowOfSpan?.[index] ?? none;
    words.set([rows[index]!, start, end, options.base(slot), visible, mask, origin >>> 0, row, tiles], to);
    tiles += Math.ceil((end - start) / options.tileQueries);
  });
  let first = 0;
  let pairs = 0;
  head.forEach((request, index) => {
    const to = at + requestsAt + index * requestWords;
    writeRequest(request, words, to, first);
    const decision = options.decisions?.[index];
    if (decision) writeDecision(decision, words, to);
    const { positions, forbidden } = request;
    if (forbidden) words[to + forbiddenWord] = options.tables.add(positions, forbidden);
    first += request.positions.length;
    for (const tokens of request.gather ?? []) pairs += tokens.length;
  });
  const last = spans.at(-1);
  const tokens = last ? rows.at(-1)! + last.end - last.start : 0;
  const wide = Math.max(0, ...head.map(({ top }) => (top === undefined ? 0 : candidateWords(top))));
  words.set([tokens, spans.length, first, tiles, spansAt, requestsAt, head.length, wide], at);
  return {
    ...{ tokens, rows: first, requests: head.length, attentionTiles: tiles, pairs },
    divergence: head.some((request) => request.divergence === true),
    distribution: head.some((request) => request.mixture !== undefined || filters(request)),
    mixture: head.some((request) => request.mixture !== undefined),
    candidateWords: wide,
    ...(options.device && { device: options.device }),
  };
}

function writeDecision(decision: DecisionWords, words: Uint32Array, to: number): void {
  const { row, start, end, decoder, reportAt, epoch, parameters, soften, step, known, ringAt } = decision;
  if (parameters.length > mostParameters) throw bug("A decoder has more parameters than a request has words");
  words.set([row, start, end, decoder, reportAt, epoch, ...parameters], to + decisionWord);
  words[to + softenWord] = floatBits(soften);
  words[to + softenWord + 1] = step;
  words[to + ringWord] = ringAt;
  if (known) words[to + 12]! |= requestFlag.known;
}

/** Whether the choice is drawn. */
function samples({ sampling }: HeadRequest): boolean {
  return sampling.temperature > 0 && !sampling.greedy;
}

/** Whether choice or scores depend on topK, topP and minP. */
function filters(request: HeadRequest): boolean {
  const { topK, topP, minP = 0, confidenceFrom } = request.sampling;
  return (samples(request) || confidenceFrom === "sampling") && (topK > 0 || topP < 1 || minP > 0);
}

/** What of a request both the host's and the device's decisions need. */
function writeRequest(request: HeadRequest, words: Uint32Array, to: number, first: number): void {
  const { positions, span, shift, maskToken, sampling, step, guidance, mixture, forbidden, divergence, top } =
    request;
  const sampledScores = sampling.confidenceFrom === "sampling";
  const flags =
    (forbidden ? requestFlag.forbidden : 0) |
    (divergence ? requestFlag.divergence : 0) |
    (mixture === undefined ? 0 : requestFlag.mixture) |
    (samples(request) ? requestFlag.samples : 0) |
    (sampledScores ? requestFlag.sampledScores : 0) |
    (filters(request) ? requestFlag.filters : 0);
  words.fill(0, to, to + requestWords);
  words.set(
    [
      ...[first, positions.length, span, shift, maskToken < 0 ? none : maskToken],
      ...[floatBits(sampling.temperature), sampling.topK, floatBits(sampling.topP), sampling.seed, step],
      ...[guidance?.span ?? none, floatBits(guidance?.scale ?? 0), flags],
      ...[typeof mixture === "number" ? mixture : 0, none],
    ],
    to,
  );
  words[to + topWord] = top === undefined ? 0 : top + 1;
  words[to + floorWord] = floatBits(Math.max(minPFloor(sampling), lowestFloat));
  words[to + scoreWord] = floatBits(sampledScores ? 1 / (sampling.temperature || 1) : 1);
}

/** The wanted rows: (token row, guiding token row or none, request, position) each. Written to `out` from 0 on. */
export function listRows(step: ForwardPass, out: Uint32Array): void {
  const rows = spanRows(step);
  let at = 0;
  step.head.forEach(({ span, positions, shift, guidance }, request) => {
    const source = rows[span]! - step.spans[span]!.start;
    const other = guidance && rows[guidance.span]! - step.spans[guidance.span]!.start;
    for (const position of positions) {
      const predicting = Math.max(0, position - shift);
      out[at++] = source + predicting;
      out[at++] = other === undefined ? none : other + predicting;
      out[at++] = request;
      out[at++] = position;
    }
  });
}
