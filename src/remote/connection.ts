/** The caller's side of a connection: its calls and streams by ID. They all fail when the connection ends. */
import { DiffusionError, type EngineInfo, type GenerateRequest, type LoadProgress } from "../core/index.ts";
import { Deferred } from "./deferred.ts";
import {
  type CallerMessage,
  type EngineMessage,
  type Method,
  notUnderstood,
  protocolVersion,
  readEngineMessage,
  requireVersion,
} from "./messages.ts";
import { pack, unpack } from "./packedValue.ts";
import type { Port } from "./port.ts";
import { RemoteStream } from "./remoteStream.ts";

/** Receives news of loading, if the other side loads the engine for this connection. */
export interface LoadListener {
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Receives the chosen backend, `webgpu`, `wasm` or `cpu`, and the reason. */
  readonly onPick?: (backend: string, reason: string) => void;
}

interface Call {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export class Connection {
  readonly #port: Port;
  readonly #listener: LoadListener;
  readonly #ready = new Deferred<void>();
  readonly #calls = new Map<number, Call>();
  readonly #streams = new Map<number, RemoteStream>();
  #info: EngineInfo | undefined;
  #nextId = 0;
  #failure: unknown;
  #ended = false;

  constructor(port: Port, listener: LoadListener) {
    this.#port = port;
    this.#listener = listener;
    port.listen({ onMessage: (data) => this.#receive(data), onClosed: (why) => this.#end(why) });
    this.#post({ type: "hello", version: protocolVersion });
  }

  /** Resolves once the engine has sent its info. @throws the reason if the connection ends before */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }
  /** The last info of the engine. Defined once `ready` has resolved. */
  get info(): EngineInfo {
    return this.#info!;
  }
  get ended(): boolean {
    return this.#ended;
  }

  call(method: Method, ...args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#start({ type: "call", id: this.#nextId, method, args });
      this.#calls.set(id, { resolve, reject });
    });
  }

  generate(request: GenerateRequest, window: number): RemoteStream {
    const id = this.#start({ type: "generate", id: this.#nextId, request, window });
    const stream = new RemoteStream(id, window, (message) => this.#post(message));
    this.#streams.set(id, stream);
    return stream;
  }

  /** Ends the connection and notifies the other side, which aborts all work for this connection. */
  close(why: unknown): void {
    if (!this.#ended) this.#post({ type: "bye", why: pack(why) });
    this.#end(why);
  }

  /** @throws DiffusionError `invalid-request` for values that cannot be cloned; the reason if the connection has ended */
  #start(message: Extract<CallerMessage, { type: "call" | "generate" }>): number {
    if (this.#ended) throw this.#failure;
    try {
      this.#post(message);
    } catch (cause) {
      const what = message.type === "call" ? `the arguments of '${message.method}'` : "the request";
      const text = `Cannot send ${what} to the engine as it must be plain data: ${String(cause)}`;
      throw new DiffusionError("invalid-request", text, { cause });
    }
    return this.#nextId++;
  }

  #receive(data: unknown): void {
    try {
      this.#take(readEngineMessage(data));
    } catch (error) {
      this.close(error);
    }
  }

  #take(message: EngineMessage): void {
    if (message.type === "progress") this.#listener.onProgress?.(message.progress);
    else if (message.type === "pick") this.#listener.onPick?.(message.backend, message.reason);
    else if (message.type === "info") {
      requireVersion(message.version);
      this.#info = message.info;
      this.#ready.resolve();
    } else if (message.type === "bye") this.#end(unpack(message.why) ?? goneError());
    else this.#answer(message);
  }

  #answer(message: Extract<EngineMessage, { id: number }>): void {
    const { id } = message;
    if (id >= this.#nextId) throw notUnderstood(message);
    // Both are undefined for late events of a stream that the caller has left.
    const call = this.#calls.get(id);
    const stream = this.#streams.get(id);
    if (message.type === "event") {
      stream?.push(message.event);
      return;
    }
    this.#calls.delete(id);
    this.#streams.delete(id);
    if (message.type === "result") call?.resolve(message.value);
    else if (message.type === "end") stream?.end();
    else {
      const error = unpack(message.error);
      call?.reject(error);
      stream?.fail(error);
    }
  }

  #post(message: CallerMessage): void {
    if (!this.#ended) this.#port.post(message);
  }

  #end(failure: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#port.close();
    this.#ready.reject(failure);
    for (const call of this.#calls.values()) call.reject(failure);
    for (const stream of this.#streams.values()) stream.fail(failure);
    this.#calls.clear();
    this.#streams.clear();
  }
}

function goneError(): DiffusionError {
  return new DiffusionError("disposed", "Cannot continue as the engine behind the port has been disposed");
}
