/** The engines of a server by their models' names: what goes on in them, and which of them are lost. */
import {
  type ChatMessage,
  DiffusionError,
  type EngineHandle,
  type GenerateEvent,
  type GenerateOptions,
  type GenerateRequest,
  type LogitsOptions,
  type TokenizeOptions,
} from "../core/index.ts";
import { ApiError } from "./apiError.ts";

export interface FleetListener {
  onEvent?(model: string, event: GenerateEvent): void;
  /** A generation failed; `aborted` is its caller's doing. */
  onError?(model: string, error: unknown): void;
  /** An engine will answer nothing any more; told once. */
  onLost?(model: string, why: Error): void;
}

export class Fleet {
  /** What requests use. */
  readonly engines: ReadonlyMap<string, EngineHandle>;
  readonly #lost = new Map<string, Error>();
  readonly #listeners: FleetListener[] = [];
  #disposed = false;

  constructor(engines: ReadonlyMap<string, EngineHandle>) {
    this.engines = new Map([...engines].map(([name, engine]) => [name, new HeardEngine(name, engine, this)]));
  }

  listen(listener: FleetListener): void {
    this.#listeners.push(listener);
  }
  get listeners(): readonly FleetListener[] {
    return this.#listeners;
  }

  /** Why an engine will answer nothing any more; undefined if it will. */
  lossOf(model: string): Error | undefined {
    return this.#lost.get(model);
  }
  get allLost(): boolean {
    return this.#lost.size === this.engines.size;
  }

  /** An engine is lost for good. */
  lose(model: string, why: Error): void {
    if (this.#lost.has(model) || this.#disposed) return;
    this.#lost.set(model, why);
    for (const listener of this.#listeners) listener.onLost?.(model, why);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.engines.values()].map((engine) => engine.dispose()));
  }
}

/** An engine as it is, but that its fleet hears of its generations and its end. */
class HeardEngine implements EngineHandle {
  readonly #name: string;
  readonly #engine: EngineHandle;
  readonly #fleet: Fleet;

  constructor(name: string, engine: EngineHandle, fleet: Fleet) {
    this.#name = name;
    this.#engine = engine;
    this.#fleet = fleet;
  }

  get info() {
    return this.#engine.info;
  }

  async *generate(
    request: GenerateRequest,
    options?: GenerateOptions,
  ): AsyncGenerator<GenerateEvent, void, undefined> {
    const { listeners } = this.#fleet;
    try {
      for await (const event of this.#engine.generate(request, options)) {
        for (const listener of listeners) listener.onEvent?.(this.#name, event);
        yield event;
      }
    } catch (error) {
      for (const listener of listeners) listener.onError?.(this.#name, error);
      throw this.#answerable(error);
    }
  }

  tokenize(text: string | readonly ChatMessage[], options?: TokenizeOptions) {
    return this.#heard(this.#engine.tokenize(text, options));
  }
  detokenize(tokens: readonly number[]) {
    return this.#heard(this.#engine.detokenize(tokens));
  }
  tokenTexts(tokens: readonly number[]) {
    return this.#heard(this.#engine.tokenTexts(tokens));
  }
  logits(ids: readonly number[], options?: LogitsOptions) {
    return this.#heard(this.#engine.logits(ids, options));
  }
  status() {
    return this.#engine.status();
  }
  plan() {
    return this.#engine.plan();
  }
  dispose() {
    return this.#engine.dispose();
  }

  #heard<T>(result: Promise<T>): Promise<T> {
    return result.catch((error) => {
      throw this.#answerable(error);
    });
  }

  /** An engine that is lost is a reason to come again later, when it may have been started anew. */
  #answerable(error: unknown): unknown {
    // The core replaces a device that is lost: the first says that it could not. The second is the end of a thread.
    const lost = error instanceof DiffusionError && (error.code === "device-lost" || error.code === "io");
    if (!lost) return error;
    this.#fleet.lose(this.#name, error);
    const message = `Cannot answer as the engine of model '${this.#name}' is lost`;
    const headers = { "retry-after": "5" };
    return new ApiError(503, "engine_lost", message, { headers, cause: error });
  }
}
