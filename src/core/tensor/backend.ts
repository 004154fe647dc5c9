/**
 * The tensor trait: what a backend is to the engine. A backend only computes; which positions, which rows and
 * what is committed are the core's to decide.
 */
import type { Plan } from "./plan.ts";
import type { SlotId, Span } from "./span.ts";
import type { RowStatistics, TokenLogprobs } from "./statistics.ts";
import type { WeightEntry } from "./weight.ts";

export interface BackendLimits {
  /** The most bytes that one weight may have. */
  readonly maximumBindingBytes: number;
  /** Whether weights stay in memory as the checkpoint stores them; else they are f32. */
  readonly keepsStoredTypes: boolean;
  /** The most spans, and the most head requests, that one step may hold. */
  readonly maximumSpans: number;
}

/** Something that a device cannot hold in one piece. */
export interface Misfit {
  /** A tensor or buffer by name. */
  readonly what: string;
  readonly bytes: number;
  /** The most that one piece may have. */
  readonly limitBytes: number;
  /** What its bytes grow with: positions of the K/V pool, tokens of a pass, or neither. */
  readonly grows: "positions" | "tokens" | "no";
}

export interface LoadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes read so far and in all. */
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
}

export interface PrepareOptions {
  /**
   * Called with the pipelines that are compiled and that there are in all: before the first is compiled, then after each.
   * Never where nothing is compiled.
   */
  readonly onCompiled?: ((compiledCount: number, pipelineCount: number) => void) | undefined;
}

/** The two Plans of a model that share an arena. */
export interface ModelPlans {
  readonly body: Plan;
  readonly head: Plan;
}

/** How a token is chosen from a row's logits. */
export interface Sampling {
  /** 0 takes the arg-max; above, the arg-max of logit - temperature * ln(-ln U). */
  readonly temperature: number;
  /** Only the so many best tokens may be chosen; 0 is off. */
  readonly topK: number;
  /** Only the smallest set of best tokens whose tempered probability reaches this may be chosen; 1 is off. */
  readonly topP: number;
  /**
   * Only tokens whose tempered probability is at least this share of the best one's may be chosen; 0 (the default) is off.
   * Source: min-p sampling (arXiv 2407.01082), after the temperature.
   */
  readonly minP?: number;
  /** Of the counter-based generator: an unsigned 32-bit integer. */
  readonly seed: number;
  /** Takes the arg-max at any temperature. */
  readonly greedy?: boolean;
  /**
   * Of which distribution the statistics are: the plain softmax (the default), or the one that tokens are drawn from,
   * with temperature (0 counts as 1), topK, topP and minP.
   */
  readonly scores?: "plain" | "sampled";
}

/** How far below the best logit a token may be that `minP` lets through, as f32: minus infinity where it is off. */
export function minPFloor({ temperature, minP = 0 }: Sampling): number {
  return Math.fround((temperature || 1) * Math.log(minP));
}

/** What a step wants to know of some rows of one span. */
export interface HeadRequest {
  /** Index of the span in the step. */
  readonly span: number;
  /** The positions to be predicted, ascending. */
  readonly positions: readonly number[];
  /** A position p is predicted by the row p - shift; position 0 by its own. */
  readonly shift: number;
  /** This token's logit is minus infinity from the start; -1 excludes none. */
  readonly maskToken: number;
  /** Tokens that may not stand at a position, one list a position: excluded as the mask token is. */
  readonly forbidden?: readonly (readonly number[])[] | undefined;
  readonly sampling: Sampling;
  /** The sequence's count of decode steps: a part of the random generator's counter. */
  readonly step: number;
  /** Another span of the step, of the same positions: hidden states become u + (scale + 1)(c - u), u being that span's. */
  readonly guidance?: { readonly span: number; readonly scale: number } | undefined;
  /** Logits of these tokens, one list a position; minus infinity for what may not stand there. */
  readonly gather?: readonly (readonly number[])[] | undefined;
  /** The so many best tokens of every row, and what turns logits into log-probabilities; at most `mostTopTokens`. */
  readonly top?: number | undefined;
  /** Keeps the rows' final hidden states, and compares with those that were kept in step - 1. */
  readonly divergence?: boolean | undefined;
  /** All logits of every row: for debugging, and far too many bytes for anything else. */
  readonly logits?: boolean | undefined;
  /** Keeps softmax(l) times the embedding for `soften`: exact, or of the so many best tokens, renormalised. */
  readonly mixture?: "exact" | number | undefined;
}

/** One forward pass. */
export interface Step {
  readonly spans: readonly Span[];
  readonly head: readonly HeadRequest[];
}

/** What the host decided: tokens to be written, soft embeddings to be renewed. */
export interface SlotChange {
  readonly slot: SlotId;
  readonly positions: readonly number[];
  readonly tokens: readonly number[];
  /**
   * Gives the positions of these rows of the last step's head request `request` (indices into its positions)
   * the input embedding E[mask] + weight * mixture. A token written to a position ends that.
   */
  readonly soften?: { readonly request: number; readonly rows: readonly number[]; readonly weight: number };
}

export interface SlotRange {
  readonly slot: SlotId;
  /** The slot's first position in the K/V pool, and how many positions it has. */
  readonly base: number;
  readonly length: number;
}

/** One step of a submission in which the device decides: a pass, and for each head request how. */
export interface DeviceStep extends Step {
  readonly decisions: readonly DeviceDecision[];
}
export interface DeviceDecision {
  /** Index of the row in the submission. */
  readonly row: number;
  /** The decoder's parameters in this step. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Iteration smoothing: how much the mixtures of positions that stay masked weigh. */
  readonly soften?: number;
}

/** A sequence of a submission, and how far its block is. */
export interface DeviceRow {
  /** The sequence's, and with guidance the one without its prompt. */
  readonly slots: readonly SlotId[];
  readonly maskToken: number;
  /** The name of a built-in decoder. */
  readonly decoder: string;
  /** The block: where the decoder may act. */
  readonly start: number;
  readonly end: number;
  /** Decode steps of the block, and of the sequence, so far. */
  readonly step: number;
  readonly sequenceStep: number;
  readonly maskedAtStart: number;
  readonly masked: number;
  readonly editable: readonly number[];
  readonly postSteps: number;
}

/** What the device wrote in one step. */
export interface DeviceCommits {
  readonly positions: readonly number[];
  readonly tokens: readonly number[];
  readonly confidences: readonly number[];
  /** By position, where the row's head requests have `top`. */
  readonly logprobs?: readonly TokenLogprobs[];
}
/** What became of a row: its steps that had an effect. Those on a finished block have none. */
export interface DeviceReport {
  readonly steps: readonly { readonly commits: DeviceCommits; readonly edits: DeviceCommits }[];
  /** A position for which the model computed no finite logits, before the first of the steps that had no effect. */
  readonly invalid?: number | undefined;
}

/** The loop on the device: decoders run there, and the host looks once for several steps. */
export interface DeviceLoop {
  /** Steps that one submission may hold. */
  readonly mostSteps: number;
  /** Whether it has the decoder, for blocks of that length and so many best tokens a commit, if any are wanted. */
  decides(decoder: string, blockLength: number, top: number | undefined): boolean;
  /** Runs the steps one after the other. A row has one decision a step at most. */
  run(steps: readonly DeviceStep[], rows: readonly DeviceRow[]): Promise<readonly DeviceReport[]>;
}

export interface Backend {
  readonly name: string;
  /** What it runs on, in words. */
  readonly device: string;
  readonly limits: BackendLimits;
  /**
   * Resolves with the reason once the device is lost; never for a device that cannot be. Then every call but `dispose`
   * rejects with a `device-lost` error, those that wait for the device included.
   */
  readonly lost: Promise<Error>;
  /**
   * What of these Plans the device cannot hold, known from their shapes before anything is loaded. Absent where memory as
   * a whole is the only limit.
   */
  misfits?(plans: ModelPlans): readonly Misfit[];
  /** Loads weights; the pieces of each fill its shape, converted to what the backend computes with. */
  load(entries: readonly WeightEntry[], options?: LoadOptions): Promise<void>;
  /** Allocates arena and K/V pool and makes everything that steps need, so that a step allocates nothing. */
  prepare(plans: ModelPlans, options?: PrepareOptions): Promise<void>;
  openSlot(range: SlotRange): Promise<void>;
  closeSlot(slot: SlotId): Promise<void>;
  /** Copies keys and values of the positions [start, end). */
  copyCache(from: SlotId, to: SlotId, start: number, end: number): Promise<void>;
  /** Runs one pass in host mode and answers its head requests, in order. */
  submit(step: Step): Promise<readonly RowStatistics[]>;
  commit(changes: readonly SlotChange[]): Promise<void>;
  /** Absent where decoders run on the host only. */
  readonly loop?: DeviceLoop | undefined;
  /** Time by op of all steps so far, where the backend measures it. */
  readonly times?: readonly { readonly op: string; readonly dispatches: number; readonly ms: number }[];
  /** A copy of a cache or boundary tensor as the last pass left it: for tests and debugging. */
  read(name: string): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Makes a backend; engines get one of these, as the core imports no backend. */
export type BackendFactory = () => Promise<Backend>;
