/** An Engine is a model on a backend: it answers requests, several at a time. */
import { abortable } from "../abortable.ts";
import { type Decoder, decoders } from "../decode/index.ts";
import { type Canvas, draftCanvas, generationCanvas, remask } from "../diffusion/index.ts";
import { bug, DiffusionError, throwIfAborted } from "../error.ts";
import { type Model, ropeTable } from "../model/index.ts";
import type { Backend, BackendFactory } from "../tensor/index.ts";
import type { ChatMessage, Tokenizer } from "../text/index.ts";
import type { ModelSource } from "../weights/index.ts";
import { AnswerText } from "./answerText.ts";
import { type ReadDraft, readDraft } from "./draft.ts";
import type { GenerateEvent } from "./events.ts";
import { fitOn } from "./fit.ts";
import type { EngineHandle, EngineInfo, EngineStatus, GenerateOptions, TokenizeOptions } from "./handle.ts";
import { Infilling, readSegments } from "./infill.ts";
import { infoOf } from "./info.ts";
import { type LoadProgress, progressTeller } from "./loadProgress.ts";
import { type LoopOptions, type LoopPlace, readLoopOptions } from "./loop.ts";
import { type ReadOptions, readModelFiles } from "./modelFiles.ts";
import { encodeMessages, encodePrompt, requireTokenizer, type TextTools } from "./prompt.ts";
import { type RequestOptions, readRequest, readStrings } from "./readRequest.ts";
import { RenewableBackend } from "./renewableBackend.ts";
import type { GenerateRequest } from "./request.ts";
import { Scheduler } from "./scheduler.ts";
import { chooseCapacity, type EngineSizes, type SizeOptions, sizesOf } from "./sizes.ts";
import { type Guidance, Task } from "./task.ts";

export interface LoadOptions extends SizeOptions {
  /** Asked again when the device is lost. */
  readonly backend: BackendFactory;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Decoders beside the built-in ones, chosen by name. */
  readonly decoders?: readonly Decoder[];
  /**
   * Where decoders run. `auto`: on the device where it has the decoder. `device` refuses requests that it cannot decide.
   * The tokens are the same.
   */
  readonly loop?: LoopPlace;
  /** The most steps of a submission in which the device decides; by default as many as the backend can take. */
  readonly stepsPerSubmission?: number;
}

/** What a model is and takes, known before anything but headers has been read. */
export interface EnginePlan extends EngineSizes {
  readonly model: Model;
  /** Where a backend was named: what it runs on. */
  readonly device?: string;
  /** Where a backend was named: why it cannot hold the model, and what to change. Absent if it can. */
  readonly problem?: string;
}
export interface PlanOptions extends SizeOptions {
  /** Makes the backend whose limits count; it is disposed at once. */
  readonly backend?: BackendFactory;
  readonly signal?: AbortSignal;
}

/** What a mask of raw logits depends on. */
export interface LogitsOptions {
  readonly maskBlock?: number;
  readonly origin?: number;
}

interface EngineParts {
  readonly backend: RenewableBackend;
  readonly model: Model;
  readonly text: TextTools | undefined;
  readonly sizes: EngineSizes;
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
    if (source.download) {
      // Headers say which files there are. What was read of them came from afar, and unchecked.
      const { files } = await readSized(source, { ...options, headersOnly: true });
      const download = { signal, onProgress: progressTeller("download", onProgress) };
      await source.download(files.checkpoint.files, download);
    }
    const { files, sizes } = await readSized(source, options);
    const { model, text } = files;
    const { rotaryDimension, ropeTheta } = model.architecture;
    const weights = [...files.weights, ropeTable(sizes.context, rotaryDimension, ropeTheta)];
    const onWeights = progressTeller("weights", onProgress);
    const backend = await RenewableBackend.open(
      { factory: options.backend, weights, sizes },
      {
        signal,
        onProgress: (loadedBytes, totalBytes) =>
          onWeights({ loadedBytes, totalBytes, receivedBytes: loadedBytes }),
      },
    );
    const parts = { backend, model, text, sizes, decoders: [...decoders, ...(options.decoders ?? [])] };
    return new Engine(parts, loop);
  }

  /**
   * What loading a source would take, from its configuration and headers alone: at a context, a batch, a dtype of the K/V
   * pool, and on a backend if one is named. A head that the checkpoint stores is counted, although one that equals the
   * embedding is not kept twice.
   */
  static async plan(source: ModelSource, options: PlanOptions = {}): Promise<EnginePlan> {
    const { files, sizes } = await readSized(source, { ...options, headersOnly: true });
    const plan = { model: files.model, ...sizes };
    return options.backend ? { ...plan, ...(await fitOn(options.backend, sizes)) } : plan;
  }

  private constructor(parts: EngineParts, loop: LoopOptions) {
    this.#parts = parts;
    this.#scheduler = new Scheduler(parts.backend, parts.sizes.capacity, loop);
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
  /** Absent where the model comes without one. */
  get tokenizer(): Tokenizer | undefined {
    return this.#parts.text?.tokenizer;
  }
  /** Whether `messages` can be answered. */
  get hasChatTemplate(): boolean {
    return this.#parts.text?.template !== undefined;
  }
  /** What it runs on, in words. */
  get device(): string {
    return this.#parts.backend.current.device;
  }
  /** Time by op of all steps so far; empty where the backend does not measure it. */
  get times(): NonNullable<Backend["times"]> {
    return this.#parts.backend.current.times ?? [];
  }
  /** All decoders that a request may choose. */
  get decoders(): readonly Decoder[] {
    return this.#parts.decoders;
  }

  /**
   * Answers a request; several may run at a time. The request starts with the first `next()`; leaving the loop
   * early ends it. The last event is `done`.
   * @throws DiffusionError `invalid-request`, `text`, `context-exceeded`, `out-of-memory`, `numeric`, `aborted`,
   *   `disposed`, `device-lost` if there is no device any more
   */
  async *generate(
    request: GenerateRequest,
    options: GenerateOptions = {},
  ): AsyncGenerator<GenerateEvent, void, undefined> {
    if (this.#disposed) throw disposedError();
    throwIfAborted(options.signal, "start the generation");
    // A draft needs a pass, which may have to wait for others.
    const making = this.#task(request, options.signal);
    const task = await abortable(making, options.signal, "start the generation");
    try {
      this.#scheduler.add(task);
      yield* task.events();
    } finally {
      task.cancel();
    }
  }

  async tokenize(
    text: string | readonly ChatMessage[],
    { special = "plain" }: TokenizeOptions = {},
  ): Promise<readonly number[]> {
    const tools = this.#parts.text;
    if (typeof text !== "string") return encodeMessages(text, tools);
    return requireTokenizer(tools).encode(text, { special });
  }

  async detokenize(tokens: readonly number[]): Promise<string> {
    return requireTokenizer(this.#parts.text).decode(tokens, { special: "keep" });
  }

  async tokenTexts(tokens: readonly number[]): Promise<readonly string[]> {
    const tokenizer = requireTokenizer(this.#parts.text);
    return tokens.map((token) => tokenizer.tokenText(token));
  }

  async status(): Promise<EngineStatus> {
    return this.#scheduler.status;
  }

  /**
   * Raw logits of every position of a sequence, computed in one pass: for comparisons with other implementations.
   * @returns one row of `vocabulary` numbers a position
   */
  async logits(ids: readonly number[], options: LogitsOptions = {}): Promise<readonly Float32Array[]> {
    if (this.#disposed) throw disposedError();
    const { model } = this.#parts;
    const { vocabulary } = model.architecture;
    requireTokens(ids, vocabulary);
    this.#requireContext(ids.length, 0);
    return this.#scheduler.borrow(ids.length, async (backend, slot) => {
      const positions = [...ids.keys()];
      await backend.commit([{ slot, positions, tokens: ids }]);
      const { maskBlock = model.maskBlock, origin = 0 } = options;
      const span = { slot, start: 0, end: ids.length, visible: ids.length, maskBlock, origin };
      const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
      const head = { span: 0, positions, shift: 0, maskToken: -1, sampling, step: 0, logits: true };
      const [statistics] = await backend.submit({ spans: [span], head: [head] });
      const logits = statistics?.logits;
      if (!logits) throw bug("The backend returned no logits although it was asked for them");
      return positions.map((row) => logits.slice(row * vocabulary, (row + 1) * vocabulary));
    });
  }

  /** Ends all generations with a `disposed` error and frees what the engine holds. Safe to call twice. */
  dispose(): Promise<void> {
    this.#disposed ??= (async () => {
      await this.#scheduler.stop(disposedError());
      await this.#parts.backend.dispose();
    })();
    return this.#disposed;
  }

  async #task(request: GenerateRequest, signal: AbortSignal | undefined): Promise<Task> {
    const { model, text } = this.#parts;
    const options = readRequest(request, model, this.#parts.decoders);
    const tokenizer = text?.tokenizer;
    const stops = readStrings("stop", request.stop);
    if (stops.length > 0 && !tokenizer) {
      throw new DiffusionError("text", "Cannot stop at strings as the model has no tokenizer.json");
    }
    const prompt = encodePrompt(request, text);
    const origin = options.gridOrigin === "prompt" ? prompt.length : 0;
    const infilling =
      request.infill && new Infilling(prompt, readSegments(request.infill, tokenizer), options, tokenizer);
    const draft = request.draft && readDraft(request.draft, tokenizer);
    if (!infilling) this.#requireContext(prompt.length, options.genLength);
    const blank = infilling?.canvas ?? generationCanvas({ ...options, prompt, origin });
    requireTokens(blank.tokens, model.architecture.vocabulary);
    this.#requireContext(blank.tokens.length, 0);
    const canvas = draft ? await this.#startFrom(draft, blank, options) : blank;
    const { forbidden } = infilling ?? {};
    const stopTokens = infilling ? [] : options.stopTokens;
    return new Task({
      options: { ...options, stopTokens, canvas, origin, forbidden },
      tokenizer,
      text: tokenizer && !infilling ? () => new AnswerText(tokenizer, stops, options.stopTokens) : undefined,
      infilling,
      guidance: options.guidance > 0 ? guidanceOf(canvas, options) : undefined,
      signal,
      forwards: draft ? 1 : 0,
    });
  }

  /** One pass over the canvas with the draft on it says how sure the model is of each of the draft's tokens. */
  async #startFrom(draft: ReadDraft, blank: Canvas, options: RequestOptions): Promise<Canvas> {
    requireTokens(draft.tokens, this.model.architecture.vocabulary);
    const canvas = draftCanvas(blank, draft.tokens, options.maskToken);
    const { maskToken, maskBlock, sampling, shift } = options;
    const length = canvas.tokens.length;
    const confidences = await this.#scheduler.borrow(length, async (backend, slot) => {
      await backend.commit([{ slot, positions: [...canvas.tokens.keys()], tokens: canvas.tokens }]);
      const positions = draft.tokens.map((_, offset) => canvas.answer.start + offset);
      const gather = positions.map((position) => [canvas.tokens[position]!]);
      const span = { slot, start: 0, end: length, visible: length, maskBlock, origin: 0 };
      const head = { span: 0, positions, shift, maskToken, sampling, step: 0, gather };
      const [rows] = await backend.submit({ spans: [span], head: [head] });
      if (!rows?.gathered) throw bug("The backend gathered no logits although it was asked for them");
      const below = (row: number) => rows.gathered![row]![0]! - rows.bestLogit[row]! - rows.logSumExp[row]!;
      return new Map(positions.map((position, row) => [position, Math.exp(below(row))]));
    });
    return remask(canvas, confidences, draft.share, maskToken);
  }

  #requireContext(promptLength: number, genLength: number): void {
    const { context } = this.#parts.sizes;
    const length = promptLength + genLength;
    if (length <= context) return;
    const parts = genLength > 0 ? ` (${promptLength} of the prompt, ${genLength} to be generated)` : "";
    const message = `Cannot run the request as the context has ${context} positions: found ${length}${parts}`;
    throw new DiffusionError("context-exceeded", message);
  }
}

/** A model's files and what it takes, before its weights are read. */
async function readSized(source: ModelSource, options: SizeOptions & ReadOptions) {
  const files = await readModelFiles(source, options);
  const { model, checkpoint } = files;
  return { files, sizes: sizesOf(model, checkpoint.bytes, chooseCapacity(model, options)) };
}

/** The sequence without its prompt. */
function guidanceOf({ tokens, answer }: Canvas, { maskToken, guidance }: RequestOptions): Guidance {
  return {
    tokens: tokens.map((token, position) => (position < answer.start ? maskToken : token)),
    scale: guidance,
  };
}

function requireTokens(ids: readonly number[], vocabulary: number): void {
  const at = ids.findIndex((id) => id >= vocabulary);
  if (at < 0) return;
  const message = `Cannot run the request as token ${ids[at]} at position ${at} is outside the vocabulary of ${vocabulary}`;
  throw new DiffusionError("invalid-request", message);
}

function disposedError(): DiffusionError {
  return new DiffusionError("disposed", "Cannot go on as the engine has been disposed");
}
