/** The engines of a server by model name: reports their events to listeners and tracks lost engines. */
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
  /** A generation failed. The code `aborted` means that its caller aborted it. */
  onError?(model: string, error: unknown): void;
  /** An engine is lost for good. Called once for each engine. */
  onLost?(model: string, why: Error): void;
}

export class Fleet {
  /** The engines for requests, each observed by this fleet. */
  readonly engines: ReadonlyMap<string, EngineHandle>;
  readonly #lost = new Map<string, Error>();
  readonly #listeners: FleetListener[] = [];
  #disposed = false;

  constructor(engines: ReadonlyMap<string, EngineHandle>) {
    this.engines = new Map(
      [...engines].map(([name, engine]) => [name, new ObservedEngine(name, engine, this)]),
    );
  }

  listen(listener: FleetListener): void {
    this.#listeners.push(listener);
  }
  get listeners(): readonly FleetListener[] {
    return this.#listeners;
  }

  /** Why an engine is lost; undefined if it is available. */
  lossOf(model: string): Error | undefined {
    return this.#lost.get(model);
  }
  get allLost(): boolean {
    return this.#lost.size === this.engines.size;
  }

  /** Marks an engine as lost for good. */
  markLost(model: string, why: Error): void {
    if (this.#lost.has(model) || this.#disposed) return;
    this.#lost.set(model, why);
    for (const listener of this.#listeners) listener.onLost?.(model, why);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.engines.values()].map((engine) => engine.dispose()));
  }
}

/** Forwards to an engine, and reports its events, failures and loss to the fleet. */
class ObservedEngine implements EngineHandle {
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
      throw this.#withLoss(error);
    }
  }

  tokenize(text: string | readonly ChatMessage[], options?: TokenizeOptions) {
    return this.#observed(this.#engine.tokenize(text, options));
  }
  detokenize(tokens: readonly number[]) {
    return this.#observed(this.#engine.detokenize(tokens));
  }
  tokenTexts(tokens: readonly number[]) {
    return this.#observed(this.#engine.tokenTexts(tokens));
  }
  logits(ids: readonly number[], options?: LogitsOptions) {
    return this.#observed(this.#engine.logits(ids, options));
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

  #observed<T>(result: Promise<T>): Promise<T> {
    return result.catch((error) => {
      throw this.#withLoss(error);
    });
  }

  /** Converts the loss of the engine to a 503 with `Retry-After`, as a supervisor may restart the server. */
  #withLoss(error: unknown): unknown {
    // `device-lost`: the engine could not replace its device. `io`: the engine's thread has ended.
    const lost = error instanceof DiffusionError && (error.code === "device-lost" || error.code === "io");
    if (!lost) return error;
    this.#fleet.markLost(this.#name, error);
    const message = `Cannot answer as the engine of model '${this.#name}' is lost`;
    const headers = { "retry-after": "5" };
    return new ApiError(503, "engine_lost", message, { headers, cause: error });
  }
}
