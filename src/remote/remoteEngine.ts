/** The handle of an engine on the other side of a port. */
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
 * Forwards all calls to the engine. When the connection ends, pending and later calls reject: with `disposed` if the engine
 * was disposed or the port closed, with `io` if the worker or the port failed.
 */
export class RemoteEngine implements EngineHandle {
  readonly #connection: Connection;
  readonly #window: number;
  #disposed: Promise<void> | undefined;

  /** Use `connectEngine`. */
  constructor(connection: Connection, window: number) {
    this.#connection = connection;
    this.#window = window;
  }

  /** The last info that the engine has sent. */
  get info(): EngineInfo {
    return this.#connection.info;
  }

  /**
   * At most `window` events are in transit or in the queue here, so a slow reader stops the sender.
   * @throws DiffusionError as the engine does, with a clone of the cause; the cause of `aborted` is the signal's own reason
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

  /** A signal only ends the wait: the other side continues to encode, up to `maxTokens`. */
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

  /** Disposes the engine, also for other callers. Does nothing if the connection has ended. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#connection.ended
      ? Promise.resolve()
      : (this.#connection.call("dispose") as Promise<void>);
    return this.#disposed;
  }

  /**
   * Ends the connection. The engine stays available to other callers; an engine that was loaded for this connection is
   * disposed. Call it also after terminating a web worker or closing its port, as no event reports these.
   * @param cause the reason, which becomes the cause of pending calls' errors
   */
  disconnect(cause?: unknown): void {
    const message = "Cannot continue as the caller has disconnected from the engine";
    this.#connection.close(new DiffusionError("disposed", message, cause === undefined ? {} : { cause }));
  }
}
