/** Head requests as words of a step's descriptor. */
import { type HeadRequest, minPFloor } from "../../../core/tensor/index.ts";
import { constants, requestLayout, writeStructure } from "../../layout/index.ts";

const { none, requestFlag } = constants;
/** In place of minus infinity, which WGSL need not keep. */
const lowestFloat = -3.4e38;

/** What a head request says only where the device decides. */
export interface DecisionWords {
  readonly blockStart: number;
  readonly blockEnd: number;
  /** Number of the decoder. */
  readonly decoder: number;
  /** Whether the decoder edits known positions, and whether it reads the logits of tokens that it lists. */
  readonly edits: boolean;
  readonly gathers: boolean;
  readonly softEmbeddingWeight: number;
  /** Where the row's part of the report begins. */
  readonly reportAt: number;
}

/** Where a request's rows, and what the request refers to, begin. */
export interface RequestPlaces {
  readonly firstRow: number;
  readonly forbiddenAt: number;
  readonly couplingsAt: number;
}

/** Writes a request, with what the device's decisions need still empty. */
export function writeRequest(
  request: HeadRequest,
  words: Uint32Array,
  at: number,
  { firstRow, forbiddenAt, couplingsAt }: RequestPlaces,
): void {
  const { positions, span, shift, maskToken, sampling, step, guidance, mixture, top } = request;
  const sampledScores = sampling.confidenceFrom === "sampling";
  words.fill(0, at, at + requestLayout.words);
  writeStructure(words, at, requestLayout, {
    firstRow,
    maxRows: positions.length,
    span,
    shift,
    maskToken: maskToken < 0 ? none : maskToken,
    temperature: sampling.temperature,
    topK: sampling.topK,
    topP: sampling.topP,
    minPFloor: Math.max(minPFloor(sampling), lowestFloat),
    seed: sampling.seed,
    sequenceStep: step,
    guidanceSpan: guidance?.span ?? none,
    guidanceScale: guidance?.scale ?? 0,
    flags: flagsOf(request),
    mixtureTokens: typeof mixture === "number" ? mixture : 0,
    forbiddenAt,
    scoreFactor: sampledScores ? 1 / (sampling.temperature || 1) : 1,
    candidateCount: top ?? 0,
    coupledLayers: request.couplings ?? 0,
    couplingsAt,
    state: none,
  });
}

/** Adds what the device's decisions need. */
export function writeDecision(decision: DecisionWords, words: Uint32Array, at: number): void {
  const { edits, gathers, ...values } = decision;
  writeStructure(words, at, requestLayout, values);
  words[at + requestLayout.field.flags]! |=
    (edits ? requestFlag.known : 0) | (gathers ? requestFlag.gathers : 0);
}

function flagsOf(request: HeadRequest): number {
  const { forbidden, divergence, mixture, sampling, top } = request;
  return (
    (forbidden ? requestFlag.forbidden : 0) |
    (divergence ? requestFlag.divergence : 0) |
    (mixture === undefined ? 0 : requestFlag.mixture) |
    (isSampled(request) ? requestFlag.sampled : 0) |
    (isFiltered(request) ? requestFlag.filtered : 0) |
    (top === undefined ? 0 : requestFlag.candidates) |
    (sampling.confidenceFrom === "sampling" ? requestFlag.sampledScores : 0)
  );
}

/** Whether the token is drawn. */
function isSampled({ sampling }: Pick<HeadRequest, "sampling">): boolean {
  return sampling.temperature > 0 && !sampling.greedy;
}

/** Whether the token or the scores depend on topK, topP and minP. */
export function isFiltered(request: Pick<HeadRequest, "sampling">): boolean {
  const { topK, topP, minP = 0, confidenceFrom } = request.sampling;
  return (isSampled(request) || confidenceFrom === "sampling") && (topK > 0 || topP < 1 || minP > 0);
}
