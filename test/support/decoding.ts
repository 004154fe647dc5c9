/** Runs decoders without an engine: on logits, with a check of their rules, or on given statistics. */
import { choose } from "../../src/backends/host/choose.ts";
import { rowStatistics } from "../../src/backends/host/statistics.ts";
import { bind, type Parameters, type ValuesOf } from "../../src/core/declare/index.ts";
import type { BlockView, Commits, Decoder } from "../../src/core/decode/index.ts";
import { gumbel, RandomStream, uniform } from "../../src/core/decode/philox.ts";
import { emptyPassStatistics, type PassStatistics, type Sampling } from "../../src/core/tensor/index.ts";

export interface Decision {
  readonly offset: number;
  readonly token: number;
  readonly confidence: number;
}
export interface Decisions {
  readonly commits: readonly Decision[];
  readonly edits: readonly Decision[];
  /** Offsets that become open again. */
  readonly revoked: readonly number[];
  /** Further commits that the decoder wants tried in the next pass. */
  readonly branches: readonly Decision[];
}
/** The logits of an offset in the next step. The mask token's logit is set to minus infinity in place. */
export type Rows = (offset: number) => Float32Array;

export interface BlockOptions {
  readonly decoder: Decoder;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly tokens: readonly number[];
  readonly maskToken: number;
  /** Offsets below this belong to the prompt. */
  readonly promptLength?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly start?: number;
}

const nothing = new Float32Array(0);

/** Cached statistics at temperature 0, as tests use the same rows often. */
const known = new WeakMap<Float32Array, PassStatistics>();

function greedyStatistics(logits: Float32Array, maskToken: number): PassStatistics {
  let statistics = known.get(logits);
  if (!statistics) {
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    const request = { positions: [0], maskToken, sampling, step: 0 };
    statistics = emptyPassStatistics([request]);
    rowStatistics(logits, request, 0, { statistics, firstRow: 0 });
    if (statistics.valid[0] !== 1) throw new Error("A test made a row of logits that is not valid");
    known.set(logits, statistics);
  }
  return statistics;
}

function probabilities(logits: Float32Array): readonly number[] {
  const largest = Math.max(...logits);
  const weights = Array.from(logits, (logit) => Math.exp(logit - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** KL(p || q) of the softmax of two rows. */
export function divergence(current: Float32Array, previous: Float32Array): number {
  const p = probabilities(current);
  const q = probabilities(previous);
  let sum = 0;
  for (const [token, own] of p.entries()) if (own > 0) sum += own * Math.log(own / q[token]!);
  return Math.max(sum, 0);
}

/** Decodes one block as the engine does. A decoder that breaks a rule is an error. */
export class Block {
  readonly tokens: Uint32Array;
  step = 0;
  readonly #options: BlockOptions;
  readonly #parameters: ValuesOf<Parameters>;
  readonly #openAtStart: number;
  readonly #sampling: Sampling;
  readonly state: unknown;
  #previous = new Map<number, Float32Array>();

  constructor(options: BlockOptions) {
    const { decoder, tokens, temperature = 0, seed = 0 } = options;
    this.#options = options;
    this.#parameters = bind("decoder", [decoder], { ...options.parameters, name: decoder.name }).parameters;
    this.tokens = Uint32Array.from(tokens);
    this.#openAtStart = this.open.length;
    this.#sampling = { temperature, topK: 0, topP: 1, seed };
    this.state = decoder.start?.(tokens.length);
  }

  get open(): readonly number[] {
    const offsets: number[] = [];
    this.tokens.forEach((token, offset) => {
      if (token === this.#options.maskToken) offsets.push(offset);
    });
    return offsets;
  }

  get known(): readonly number[] {
    const { promptLength = 0, maskToken } = this.#options;
    const offsets: number[] = [];
    this.tokens.forEach((token, offset) => {
      if (offset >= promptLength && token !== maskToken) offsets.push(offset);
    });
    return offsets;
  }

  get finished(): boolean {
    if (this.tokens.includes(this.#options.maskToken)) return false;
    return this.#options.decoder.isBlockDone?.(this.state, this.#parameters) ?? true;
  }

  /** The decoder's view. Values that the decoder must not use are NaN or invalid tokens. */
  view(rows: Rows): BlockView {
    const { decoder, maskToken, start = 0 } = this.#options;
    const { temperature, seed } = this.#sampling;
    const length = this.tokens.length;
    // One buffer for all arrays, as views are created faster than arrays.
    const unseen = new Float32Array(8 * length).fill(Number.NaN);
    let taken = 0;
    const floats = () => {
      taken += length;
      return unseen.subarray(taken - length, taken);
    };
    const view = {
      length,
      start,
      sequenceLength: start + length,
      open: this.open,
      known: this.known,
      current: this.tokens.slice(),
      openAtStart: this.#openAtStart,
      step: this.step,
      token: new Uint32Array(length).fill(0xffffffff),
      confidence: floats(),
      best: new Uint32Array(length).fill(0xffffffff),
      bestLogit: floats(),
      bestProbability: floats(),
      secondProbability: floats(),
      entropy: floats(),
      logSumExp: floats(),
      divergence: floats(),
      shadowProbability: floats(),
      gathered: (offset: number) => {
        if (!decoder.gather) return nothing;
        const wanted = decoder.gather(this.state, offset);
        return Float32Array.from(wanted, (token) => rows(offset)[token]!);
      },
      coupling: (query: number, key: number) => {
        if (!decoder.needs?.includes("couplings")) return Number.NaN;
        return uniform(seed, RandomStream.order, query * length + key, this.step, 1) / length;
      },
      random: (offset: number) => uniform(seed, RandomStream.order, start + offset, this.step, 0),
      noise: (offset: number, token: number) =>
        temperature === 0 ? 0 : temperature * gumbel(seed, start + offset, this.step, token),
    };
    // Gathered before the step, as a decoder may change its state while it commits.
    const gathered = new Map(view.open.map((offset) => [offset, view.gathered(offset)] as const));
    const visible = decoder.needs?.includes("known") ? [...view.open, ...view.known] : view.open;
    for (const offset of visible) {
      const logits = rows(offset);
      const from = greedyStatistics(logits, maskToken);
      view.best[offset] = from.best[0]!;
      view.bestLogit[offset] = from.bestLogit[0]!;
      view.bestProbability[offset] = from.bestProbability[0]!;
      view.secondProbability[offset] = from.secondProbability[0]!;
      view.entropy[offset] = from.entropy[0]!;
      view.logSumExp[offset] = from.logSumExp[0]!;
      view.token[offset] = from.token[0]!;
      view.confidence[offset] = from.confidence[0]!;
      if (temperature > 0) {
        const token = choose(logits, this.#sampling, start + offset, this.step);
        view.token[offset] = token;
        view.confidence[offset] = Math.exp(logits[token]! - from.bestLogit[0]! - from.logSumExp[0]!);
      }
      if (decoder.needs?.includes("divergence")) {
        const previous = this.#previous.get(offset);
        view.divergence[offset] = previous ? divergence(logits, previous) : Infinity;
      }
    }
    for (const offset of decoder.needs?.includes("shadow") ? view.known : []) {
      const logit = rows(offset)[this.tokens[offset]!]!;
      view.shadowProbability[offset] = Math.exp(logit - view.bestLogit[offset]! - view.logSumExp[offset]!);
    }
    return { ...view, gathered: (offset) => gathered.get(offset) ?? nothing };
  }

  /** Runs a step, checks its decisions and applies them. */
  apply(rows: Rows): Decisions {
    const { decoder, maskToken } = this.#options;
    const view = this.view(rows);
    const decisions = recorder(view.confidence);
    decoder.commit(view, this.#parameters, decisions, this.state);
    const { commits, edits, revoked, branches } = decisions;
    const left = new Set(view.open);
    const editable = new Set(decoder.needs?.includes("known") ? view.known : []);
    const violation = (what: string) => new Error(`Decoder '${decoder.name}' ${what} in step ${this.step}`);
    for (const { offset, token, confidence } of [...commits, ...edits]) {
      if (token === maskToken) throw violation("wrote the mask token");
      if (!(confidence >= 0 && confidence <= 1)) throw violation(`gave confidence ${confidence}`);
      if (!(token < rows(offset).length)) throw violation(`wrote token ${token}`);
    }
    for (const { offset } of commits) if (!left.delete(offset)) throw violation(`committed offset ${offset}`);
    for (const { offset } of edits) if (!editable.delete(offset)) throw violation(`edited offset ${offset}`);
    for (const offset of revoked) if (!editable.delete(offset)) throw violation(`revoked offset ${offset}`);
    const { open, openAtStart, step } = view;
    const scheduled = decoder.transferCount?.({ open: open.length, openAtStart, step }, this.#parameters);
    if (scheduled !== undefined && scheduled !== commits.length)
      throw violation(`did not commit ${scheduled}`);
    if (scheduled === undefined && open.length > 0 && commits.length === 0)
      throw violation("committed nothing");
    if (branches.length > (decoder.lookAhead?.maxBranches(this.#parameters) ?? 0))
      throw violation(`proposed ${branches.length} branches`);
    for (const { offset, token } of branches)
      if (token === maskToken || !left.delete(offset))
        throw violation(`proposed a branch at offset ${offset}`);
    for (const { offset, token } of [...commits, ...edits]) this.tokens[offset] = token;
    for (const offset of revoked) this.tokens[offset] = maskToken;
    this.#previous = new Map(view.open.map((offset) => [offset, rows(offset)]));
    this.step++;
    return { commits, edits, revoked, branches };
  }
}

/** Records decisions. */
function recorder(confidences: Float32Array): Commits & Decisions {
  const commits: Decision[] = [];
  const edits: Decision[] = [];
  const revoked: number[] = [];
  const branches: Decision[] = [];
  return {
    commits,
    edits,
    revoked,
    branches,
    commit: (offset, token, confidence = confidences[offset]!) => commits.push({ offset, token, confidence }),
    edit: (offset, token, confidence = confidences[offset]!) => edits.push({ offset, token, confidence }),
    revoke: (offset) => revoked.push(offset),
    branch: (offset, token, confidence = confidences[offset]!) =>
      branches.push({ offset, token, confidence }),
  };
}

/** A view with defaults for missing fields: all positions are open, and token o is at offset o. */
export function viewOf(fields: Partial<Record<keyof BlockView, unknown>> & { length: number }): BlockView {
  const { length } = fields;
  const offsets = Array.from({ length }, (_, offset) => offset);
  const open = (fields.open as readonly number[]) ?? offsets;
  const view: Record<string, unknown> = {
    open,
    start: 0,
    sequenceLength: length,
    known: offsets.filter((offset) => !open.includes(offset)),
    current: new Uint32Array(length),
    openAtStart: open.length,
    step: 0,
    token: Uint32Array.from(offsets),
    best: Uint32Array.from(offsets),
    random: () => 0.5,
    noise: () => 0,
    coupling: () => 0,
    gathered: () => new Float32Array(0),
  };
  for (const [name, value] of Object.entries(fields)) {
    const numbers = Array.isArray(value) && name !== "open" && name !== "known";
    const Typed = name === "token" || name === "best" || name === "current" ? Uint32Array : Float32Array;
    view[name] = numbers ? Typed.from(value as number[]) : value;
  }
  view["confidence"] ??= new Float32Array(length);
  return view as unknown as BlockView;
}

/** The offsets of a decoder's decisions, in their order. */
export function decide(
  decoder: Decoder,
  parameters: Readonly<Record<string, unknown>>,
  view: BlockView,
  state = decoder.start?.(view.length),
): {
  readonly commits: readonly number[];
  readonly edits: readonly number[];
  readonly revoked: readonly number[];
} {
  const { commits, edits, revoked } = decideInFull(decoder, parameters, view, state);
  return { commits: commits.map(({ offset }) => offset), edits: edits.map(({ offset }) => offset), revoked };
}

/** A decoder's decisions on a view, with tokens and confidences. */
export function decideInFull(
  decoder: Decoder,
  parameters: Readonly<Record<string, unknown>>,
  view: BlockView,
  state = decoder.start?.(view.length),
): Decisions {
  const values = bind("decoder", [decoder], { ...parameters, name: decoder.name }).parameters;
  const decisions = recorder(view.confidence);
  decoder.commit(view, values, decisions, state);
  return decisions;
}

/** The logits for a row of probabilities. */
export function logitsOf(row: readonly number[]): Float32Array {
  return Float32Array.from(row, Math.log);
}
