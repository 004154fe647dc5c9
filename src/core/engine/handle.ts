/**
 * The interface of an engine, in this process or behind a port. All arguments and results are plain data that can be cloned
 * (structured clone), except signals.
 */
import type { Parameters } from "../declare/index.ts";
import type { GenerationDefaults, Presets } from "../model/index.ts";
import type { ChatMessage } from "../text/index.ts";
import type { EngineSizes } from "./backend/sizes.ts";
import type { GenerateEvent } from "./events/events.ts";
import type { LogitsOptions } from "./rawLogits.ts";
import type { GenerateRequest } from "./request/request.ts";
import type { EngineStatus } from "./schedule/engineStatus.ts";

/** The properties of an engine. They are constant, except `device`, which changes when a lost device is replaced. */
export interface EngineInfo {
  readonly family: string;
  /** Elements of all weights. */
  readonly parameters: number;
  readonly vocabulary: number;
  /** Maximum positions of a sequence. */
  readonly context: number;
  /** Positions of the K/V pool. */
  readonly cachePositions: number;
  /** Width of the blocks of the attention mask; Infinity for a bidirectional model. */
  readonly maskBlock: number;
  readonly maskToken: number;
  readonly stopTokens: readonly number[];
  readonly defaults: GenerationDefaults;
  readonly presets: Presets;
  readonly hasTokenizer: boolean;
  /** Whether requests may have `messages`. */
  readonly hasChatTemplate: boolean;
  /** Why the model's chat template is unusable; absent if it is usable, or if the model has none. */
  readonly chatTemplateProblem?: string;
  /** A description of the device. */
  readonly device: string;
  /** The decoders that a request may select. */
  readonly decoders: readonly DecoderInfo[];
}

/** The declaration of a decoder, without its functions. */
export interface DecoderInfo {
  readonly name: string;
  readonly help: string;
  /** The paper that describes the decoder; absent if the decoder names none. */
  readonly source?: string | undefined;
  readonly parameters: Parameters;
}

/** The sizes of a loaded engine: the same as `Engine.plan` computes before loading. */
export interface LoadedPlan extends EngineSizes {
  /** A description of the device. */
  readonly device: string;
}

export interface GenerateOptions {
  /** Aborts the generation within one step. The stream then throws an `aborted` error. */
  readonly signal?: AbortSignal;
}

/** Default maximum of the tokens that one call of `tokenize` returns. A longer list would block the thread for over 0.1 s. */
export const maxTokenizedTokens = 2 ** 20;

export interface TokenizeOptions {
  /** Whether the text of a special token is encoded as characters (`plain`, the default) or as the token (`parse`). */
  readonly special?: "plain" | "parse";
  /**
   * Maximum tokens of the text. A longer text fails with `context-exceeded`, and the rest of it is not read. Default:
   * `maxTokenizedTokens`.
   */
  readonly maxTokens?: number;
  /** Aborts the encoding with an `aborted` error. */
  readonly signal?: AbortSignal;
}

export interface EngineHandle {
  readonly info: EngineInfo;
  /**
   * Runs a request. Several requests may run concurrently. The request starts with the first `next()`; leaving the loop early
   * ends it. The last event is `done`.
   * @throws DiffusionError
   */
  generate(
    request: GenerateRequest,
    options?: GenerateOptions,
  ): AsyncGenerator<GenerateEvent, void, undefined>;
  /**
   * Encodes a text, or a conversation rendered by the model's chat template. Long texts are encoded in slices of a few
   * milliseconds, so that other work of the thread continues in between.
   * @throws DiffusionError `text` if the text cannot be encoded, or the model has no tokenizer or no template;
   *   `context-exceeded` above `maxTokens`, `aborted`
   */
  tokenize(text: string | readonly ChatMessage[], options?: TokenizeOptions): Promise<readonly number[]>;
  /** Decodes tokens to text, including special tokens. @throws DiffusionError `text`, `invalid-request` */
  detokenize(tokens: readonly number[]): Promise<string>;
  /** The text of each token on its own, for display. @throws DiffusionError `text`, `invalid-request` */
  tokenTexts(tokens: readonly number[]): Promise<readonly string[]>;
  /**
   * Raw logits of every position of a sequence, computed in one pass: for comparisons with other implementations.
   * @returns one row of `vocabulary` numbers per position
   * @throws DiffusionError `invalid-request`, `context-exceeded`
   */
  logits(ids: readonly number[], options?: LogitsOptions): Promise<readonly Float32Array[]>;
  status(): Promise<EngineStatus>;
  /** The bytes of weights, cache and arena, the capacity, and the Plans. */
  plan(): Promise<LoadedPlan>;
  /** Ends all generations with a `disposed` error and releases all resources. Safe to call twice. */
  dispose(): Promise<void>;
}
