/** An Engine runs a model on a backend. It serves several requests concurrently. */
import { abortable } from "../abortable.ts";
import { type Decoder, withDecoders } from "../decode/index.ts";
import { DiffusionError, throwIfAborted } from "../error.ts";
import { type Model, ropeTable } from "../model/index.ts";
import { runInSlices } from "../pausing.ts";
import type { Backend, BackendFactory } from "../tensor/index.ts";
import { type ChatMessage, encodeText, type Tokenizer } from "../text/index.ts";
import type { DownloadProgress, ModelSource } from "../weights/index.ts";
import { checkLimits, requireDeviceFits, residentWeightBytes } from "./backend/checkLimits.ts";
import { type LoadProgress, LoadReport } from "./backend/loadProgress.ts";
import { ResilientBackend } from "./backend/resilientBackend.ts";
import {
  chooseCapacity,
  type EngineSizes,
  type PrefillOptions,
  readPrefill,
  type SizeOptions,
  sizesOf,
} from "./backend/sizes.ts";
import { EventStream } from "./events/eventStream.ts";
import type { GenerateEvent } from "./events/events.ts";
import {
  type EngineHandle,
  type EngineInfo,
  type GenerateOptions,
  type LoadedPlan,
  maxTokenizedTokens,
  type TokenizeOptions,
} from "./handle.ts";
import { infoOf } from "./info.ts";
import { makeTask, requireContext, requireTokens } from "./makeTask.ts";
import { type ReadOptions, readModelFiles } from "./modelFiles.ts";
import { type LogitsOptions, rawLogits, requireLogitsInput } from "./rawLogits.ts";
import { encodeMessages, requireTokenizer, type TextTools } from "./request/prompt.ts";
import type { GenerateRequest } from "./request/request.ts";
import { type DecodeLoop, type LoopOptions, readLoopOptions } from "./schedule/decodeLoop.ts";
import type { EngineStatus } from "./schedule/engineStatus.ts";
import { Scheduler } from "./schedule/scheduler.ts";
import type { Task } from "./schedule/task.ts";

export interface LoadOptions extends SizeOptions, PrefillOptions {
  /** Makes the backend. Called again after a device loss. */
  readonly backend: BackendFactory;
  readonly signal?: AbortSignal;
  /** Receives progress at most ten times per second, and at the start and the end of every stage. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Decoders in addition to the built-in ones. Requests select them by name. */
  readonly decoders?: readonly Decoder[];
  /**
   * Where the decode loop runs. `auto`: in the backend's device loop if the backend prefers it and it supports the request.
   * `device`: always there; other requests are rejected. The tokens are the same.
   */
  readonly decodeLoop?: DecodeLoop;
  /** Maximum steps per submission of a device loop; by default the backend's maximum. */
  readonly stepsPerSubmission?: number;
}

/** The model and the sizes of an engine, from the configuration and the headers of a checkpoint. */
export interface EnginePlan extends EngineSizes {
  readonly model: Model;
  /** A description of the device, if the options have a backend. */
  readonly device?: string;
  /** Why the device cannot hold the model, and sizes that would fit. Absent if it can, or if the options have no backend. */
  readonly problem?: string;
}
export interface PlanOptions extends SizeOptions {
  /** Makes a backend, whose limits are checked. It is disposed after the check. */
  readonly backend?: BackendFactory;
  readonly signal?: AbortSignal;
}

interface EngineParts {
  readonly backend: ResilientBackend;
  readonly model: Model;
  readonly text: TextTools | undefined;
  readonly sizes: EngineSizes;
  readonly prefill: Required<PrefillOptions>;
  readonly decoders: readonly Decoder[];
}

export class Engine implements EngineHandle {
  readonly #parts: EngineParts;
  readonly #scheduler: Scheduler;
  #disposed: Promise<void> | undefined;

  /**
   * Loads a model.
   * @throws DiffusionError if a file is missing, damaged or not supported, if memory does not suffice, or on abort
   */
  static async load(source: ModelSource, options: LoadOptions): Promise<Engine> {
    const { signal, onProgress } = options;
    throwIfAborted(signal, "load the model");
    const loop = readLoopOptions(options);
    const prefill = readPrefill(options);
    const known = withDecoders(options.decoders);
    const report = new LoadReport(onProgress);
    if (source.download) {
      // The headers name the files to download and show whether the device can hold the model. They are read again after the
      // download, which verifies the files.
      const { files, sizes } = await readSized(source, { ...options, headersOnly: true });
      await requireDeviceFits(options.backend, sizes, signal);
      report.begin("download");
      const onDownload = (progress: DownloadProgress) => report.bytes(progress);
      await source.download(files.checkpoint.files, { signal, onProgress: onDownload });
    }
    const { files, sizes } = await readSized(source, options);
    const { model, text } = files;
    const weights = [...files.weights, ropeTable(sizes.context, model.architecture)];
    const parts = { factory: options.backend, weights, sizes };
    const backend = await ResilientBackend.open(parts, { signal, report });
    return new Engine({ backend, model, text, sizes, prefill, decoders: known }, loop);
  }

  /**
   * The sizes of an engine that would be loaded with these options, from the configuration and the headers of the source. If
   * the options have a backend, its limits are checked. A stored head counts in full, although loading keeps a head that equals
   * the embedding only once.
   */
  static async plan(source: ModelSource, options: PlanOptions = {}): Promise<EnginePlan> {
    const { files, sizes } = await readSized(source, { ...options, headersOnly: true });
    const plan = { model: files.model, ...sizes };
    return options.backend ? { ...plan, ...(await checkLimits(options.backend, sizes)) } : plan;
  }

  private constructor(parts: EngineParts, loop: LoopOptions) {
    const { sizes, prefill } = parts;
    this.#parts = parts;
    this.#scheduler = new Scheduler(parts.backend, { ...sizes.capacity, ...prefill }, loop);
  }

  get info(): EngineInfo {
    const { model, text, sizes, decoders: known } = this.#parts;
    return infoOf({ model, text, sizes, decoders: known, device: this.device });
  }
  get model(): Model {
    return this.#parts.model;
  }
  get sizes(): EngineSizes {
    return this.#parts.sizes;
  }
  /** The model's tokenizer; undefined if the model has none. */
  get tokenizer(): Tokenizer | undefined {
    return this.#parts.text?.tokenizer;
  }
  /** Whether requests may have `messages`. If the model's template is unusable, `info.chatTemplateProblem` gives the reason. */
  get hasChatTemplate(): boolean {
    return this.#parts.text?.template !== undefined;
  }
  /** A description of the device. */
  get device(): string {
    return this.#parts.backend.current.device;
  }
  /** Time by op of all passes so far; empty if the backend does not measure it. */
  get times(): NonNullable<Backend["times"]> {
    return this.#parts.backend.current.times ?? [];
  }
  /** All decoders that a request may select. */
  get decoders(): readonly Decoder[] {
    return this.#parts.decoders;
  }

  /**
   * Runs a request. Several requests may run concurrently. The request starts with the first `next()`; leaving the loop early
   * ends it. The last event is `done`.
   * @throws DiffusionError `invalid-request`, `text`, `context-exceeded`, `out-of-memory`, `numeric`, `aborted`,
   *   `disposed`, `device-lost` if a lost device could not be replaced
   */
  generate(
    request: GenerateRequest,
    options: GenerateOptions = {},
  ): AsyncGenerator<GenerateEvent, void, undefined> {
    let task: Task | undefined;
    const source = this.#run(request, options, (made) => {
      task = made;
    });
    return new EventStream(source, () => task?.takeEvent());
  }

  /** @param onTask called with the request's task before it is queued */
  async *#run(
    request: GenerateRequest,
    options: GenerateOptions,
    onTask: (task: Task) => void,
  ): AsyncGenerator<GenerateEvent, void, undefined> {
    if (this.#disposed) throw disposedError();
    throwIfAborted(options.signal, "start the generation");
    // With a draft, this runs passes, which may wait in the queue.
    const making = makeTask(request, options.signal, { ...this.#parts, scheduler: this.#scheduler });
    const task = await abortable(making, options.signal, "start the generation");
    try {
      onTask(task);
      this.#scheduler.add(task);
      yield* task.events();
    } finally {
      task.cancel();
    }
  }

  async tokenize(
    text: string | readonly ChatMessage[],
    { special = "plain", maxTokens = maxTokenizedTokens, signal }: TokenizeOptions = {},
  ): Promise<readonly number[]> {
    const tools = this.#parts.text;
    if (typeof text !== "string") return encodeMessages(text, tools, { maxTokens, signal });
    return encodeText(requireTokenizer(tools), text, { special, maxTokens, signal });
  }

  async detokenize(tokens: readonly number[]): Promise<string> {
    const decoding = requireTokenizer(this.#parts.text).decodePausing(tokens, { special: "keep" });
    return runInSlices(decoding, { what: "decode the tokens" });
  }

  async tokenTexts(tokens: readonly number[]): Promise<readonly string[]> {
    const texts = requireTokenizer(this.#parts.text).tokenTexts(tokens);
    return runInSlices(texts, { what: "decode the tokens" });
  }

  async status(): Promise<EngineStatus> {
    const { times } = this.#parts.backend.current;
    return { ...this.#scheduler.status, ...(times && { times }) };
  }

  async plan(): Promise<LoadedPlan> {
    const { backend, sizes } = this.#parts;
    return { ...sizes, weightBytes: residentWeightBytes(backend.current, sizes), device: this.device };
  }

  /**
   * Raw logits of every position of a sequence, computed in one pass: for comparisons with other implementations.
   * @returns one row of `vocabulary` numbers per position
   */
  async logits(ids: readonly number[], options: LogitsOptions = {}): Promise<readonly Float32Array[]> {
    if (this.#disposed) throw disposedError();
    const { model, sizes } = this.#parts;
    requireLogitsInput(ids, options);
    requireTokens(ids, model);
    requireContext(sizes, ids.length);
    return rawLogits(this.#scheduler, model, ids, options);
  }

  /** Ends all generations with a `disposed` error and releases all resources. Safe to call twice. */
  dispose(): Promise<void> {
    this.#disposed ??= (async () => {
      await this.#scheduler.stop(disposedError());
      await this.#parts.backend.dispose();
    })();
    return this.#disposed;
  }
}

/** Reads a model's files, except the weights, and computes the sizes of an engine. */
async function readSized(source: ModelSource, options: SizeOptions & ReadOptions) {
  const files = await readModelFiles(source, options);
  return { files, sizes: sizesOf(files, chooseCapacity(files.model, options)) };
}

function disposedError(): DiffusionError {
  return new DiffusionError("disposed", "Cannot continue as the engine has been disposed");
}
