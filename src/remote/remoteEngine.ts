/** An engine on the other side of a port. */
import { abortable } from "../core/abortable.ts";
import {
  type ChatMessage,
  DiffusionError,
  type EngineHandle,
  type EngineInfo,
  type EngineStatus,
  type GenerateEvent,
  type GenerateOptions,
  type GenerateRequest,
  type LoadedPlan,
  type LogitsOptions,
  type TokenizeOptions,
  throwIfAborted,
} from "../core/index.ts";
import type { Connection } from "./connection.ts";

/**
 * Does what the engine does. Where the connection ends, all that waits rejects, and all that comes later: with
 * `disposed` if the engine was disposed or the port closed, with `io` if the worker or the port failed.
 */
export class RemoteEngine implements EngineHandle {
  readonly #connection: Connection;
  readonly #window: number;
  #disposed: Promise<void> | undefined;

  /** Made by `connectEngine`. */
  constructor(connection: Connection, window: number) {
    this.#connection = connection;
    this.#window = window;
  }

  /** As the engine told last. */
  get info(): EngineInfo {
    return this.#connection.info;
  }

  /**
   * At most `window` events are on their way or wait here to be read: who does not read holds the sender back.
   * @throws DiffusionError as the engine; with a cause as far as it can be cloned, and the signal's reason as it is
   */
  async *generate(
    request: GenerateRequest,
    { signal }: GenerateOptions = {},
  ): AsyncGenerator<GenerateEvent, void, undefined> {
    throwIfAborted(signal, "start the generation");
    const stream = this.#connection.generate(request, this.#window);
    const onAbort = () => stream.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    try {
      yield* stream.events();
    } catch (error) {
      if (!signal?.aborted || !(error instanceof DiffusionError) || error.code !== "aborted") throw error;
      throw new DiffusionError("aborted", error.message, { cause: signal.reason });
    } finally {
      signal?.removeEventListener("abort", onAbort);
      stream.leave();
    }
  }

  /** A signal ends the wait; the other side reads on, as far as `maxTokens` lets it. */
  tokenize(
    text: string | readonly ChatMessage[],
    { signal, ...options }: TokenizeOptions = {},
  ): Promise<readonly number[]> {
    const tokens = this.#connection.call("tokenize", text, options) as Promise<readonly number[]>;
    return abortable(tokens, signal, "encode the text");
  }
  detokenize(tokens: readonly number[]): Promise<string> {
    return this.#connection.call("detokenize", tokens) as Promise<string>;
  }
  tokenTexts(tokens: readonly number[]): Promise<readonly string[]> {
    return this.#connection.call("tokenTexts", tokens) as Promise<readonly string[]>;
  }
  logits(ids: readonly number[], options?: LogitsOptions): Promise<readonly Float32Array[]> {
    return this.#connection.call("logits", ids, options) as Promise<readonly Float32Array[]>;
  }
  status(): Promise<EngineStatus> {
    return this.#connection.call("status") as Promise<EngineStatus>;
  }
  plan(): Promise<LoadedPlan> {
    return this.#connection.call("plan") as Promise<LoadedPlan>;
  }

  /** Disposes the engine, for others that are connected to it too. Does nothing where the connection has ended. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#connection.ended
      ? Promise.resolve()
      : (this.#connection.call("dispose") as Promise<void>);
    return this.#disposed;
  }

  /**
   * Ends the connection, and leaves the engine to others; one that was loaded for this connection is disposed. Also for
   * whoever terminates a web worker or closes its port, as nobody else notices.
   * @param cause why
   */
  disconnect(cause?: unknown): void {
    const message = "Cannot go on as the caller has disconnected from the engine";
    this.#connection.close(new DiffusionError("disposed", message, cause === undefined ? {} : { cause }));
  }
}
