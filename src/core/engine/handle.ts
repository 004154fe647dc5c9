/**
 * An engine as its users hold it: in this process, or behind a port in another one. All it takes and gives is plain data
 * that structured cloning carries.
 */
import type { Parameters } from "../declare/index.ts";
import type { GenerationDefaults, Presets } from "../model/index.ts";
import type { ChatMessage } from "../text/index.ts";
import type { EngineSizes } from "./backend/sizes.ts";
import type { GenerateEvent } from "./events/events.ts";
import type { LogitsOptions } from "./rawLogits.ts";
import type { GenerateRequest } from "./request/request.ts";
import type { EngineStatus } from "./schedule/engineStatus.ts";

/** What does not change as long as an engine lives, but for `device`, which may be replaced when it is lost. */
export interface EngineInfo {
  readonly family: string;
  /** Elements of all weights. */
  readonly parameters: number;
  readonly vocabulary: number;
  /** Positions of the longest sequence, and of the K/V pool. */
  readonly context: number;
  readonly cachePositions: number;
  /** Infinity where the model is bidirectional. */
  readonly maskBlock: number;
  readonly maskToken: number;
  readonly stopTokens: readonly number[];
  readonly defaults: GenerationDefaults;
  readonly presets: Presets;
  readonly hasTokenizer: boolean;
  /** Whether `messages` can be answered. */
  readonly hasChatTemplate: boolean;
  /** Why the model's chat template cannot be used; absent where it can, or where there is none. */
  readonly chatTemplateProblem?: string;
  /** What it runs on, in words. */
  readonly device: string;
  /** What a request may choose. */
  readonly decoders: readonly DecoderInfo[];
}

/** What a decoder declares, without its functions. */
export interface DecoderInfo {
  readonly name: string;
  readonly help: string;
  /** Absent where the decoder names none. */
  readonly source?: string | undefined;
  readonly parameters: Parameters;
}

/** What a loaded engine takes: the sizes that `Engine.plan` says before an engine is loaded. */
export interface LoadedPlan extends EngineSizes {
  /** What it runs on, in words. */
  readonly device: string;
}

export interface GenerateOptions {
  /** Ends the generation within one step; the stream then throws an `aborted` error. */
  readonly signal?: AbortSignal;
}

/** Tokens of one call of `tokenize`: to make a list of more would hold the thread for over a tenth of a second. */
export const maxTokenizedTokens = 2 ** 20;

export interface TokenizeOptions {
  /** `plain` encodes what looks like a special token as characters; `parse` as the token. By default plain. */
  readonly special?: "plain" | "parse";
  /**
   * The most tokens that the text may have: with more the call fails with `context-exceeded`, and no more of the text is
   * read than that takes. Default: `maxTokenizedTokens`.
   */
  readonly maxTokens?: number;
  /** Ends the encoding, which then throws an `aborted` error. */
  readonly signal?: AbortSignal;
}

export interface EngineHandle {
  readonly info: EngineInfo;
  /**
   * Answers a request; several may run at a time. The request starts with the first `next()`; leaving the loop
   * early ends it. The last event is `done`.
   * @throws DiffusionError
   */
  generate(
    request: GenerateRequest,
    options?: GenerateOptions,
  ): AsyncGenerator<GenerateEvent, void, undefined>;
  /**
   * The tokens of a text, or of a conversation as the model's chat template renders it. Long texts are read in slices of
   * a few milliseconds, between which the engine goes on.
   * @throws DiffusionError `text` if it cannot be encoded, or the model has no tokenizer or no template;
   *   `context-exceeded`, `aborted` as the options say
   */
  tokenize(text: string | readonly ChatMessage[], options?: TokenizeOptions): Promise<readonly number[]>;
  /** The text of tokens, special ones included. @throws DiffusionError `text`, `invalid-request` */
  detokenize(tokens: readonly number[]): Promise<string>;
  /** Each token by itself, as shown to a person. @throws DiffusionError `text`, `invalid-request` */
  tokenTexts(tokens: readonly number[]): Promise<readonly string[]>;
  /**
   * Raw logits of every position of a sequence, computed in one pass: for comparisons with other implementations.
   * @returns one row of `vocabulary` numbers a position
   * @throws DiffusionError `invalid-request`, `context-exceeded`
   */
  logits(ids: readonly number[], options?: LogitsOptions): Promise<readonly Float32Array[]>;
  status(): Promise<EngineStatus>;
  /** Bytes of weights, cache and arena, the capacity, and the Plans of its passes. */
  plan(): Promise<LoadedPlan>;
  /** Ends all generations with a `disposed` error and frees what the engine holds. Safe to call twice. */
  dispose(): Promise<void>;
}
