/** The engine's side of a connection: converts the caller's messages to calls of the engine. */
import { DiffusionError, type EngineHandle, type LoadProgress } from "../core/index.ts";
import { Deferred } from "./deferred.ts";
import {
  type CallerMessage,
  type EngineMessage,
  notUnderstood,
  protocolVersion,
  readCallerMessage,
  requireVersion,
} from "./messages.ts";
import { pack, unpack } from "./packedValue.ts";
import type { Port } from "./port.ts";
import { ServedStream } from "./servedStream.ts";

/** Options for loading the engine: the caller's signal, and functions that send news of loading to the caller. */
export interface Loading {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
  /** Names the chosen backend and the reason, as `auto` does. */
  readonly onPick: (backend: string, reason: string) => void;
}
export type EngineLoader = (loading: Loading) => Promise<EngineHandle>;

export class ServedConnection {
  readonly #port: Port;
  readonly #loading = new AbortController();
  readonly #streams = new Map<number, ServedStream>();
  readonly #running = new Set<Promise<void>>();
  #engine: EngineHandle | undefined;
  /** The device in the last info that was sent. */
  #reportedDevice: string | undefined;
  readonly #done = new Deferred<unknown>();
  #ended = false;

  constructor(port: Port) {
    this.#port = port;
    port.listen({
      onMessage: (data) => this.#receive(data),
      onClosed: (why) => this.#end(why),
    });
  }

  /** See `serveEngine`. */
  async serve(engine: EngineHandle | EngineLoader): Promise<unknown> {
    const load = typeof engine === "function" ? engine : undefined;
    try {
      const onProgress = (progress: LoadProgress) => this.#post({ type: "progress", progress });
      const onPick = (backend: string, reason: string) => this.#post({ type: "pick", backend, reason });
      this.#engine = load
        ? await load({ signal: this.#loading.signal, onProgress, onPick })
        : (engine as EngineHandle);
      this.#sendInfo();
    } catch (error) {
      this.#close(error);
    }
    const failure = await this.#done.promise;
    try {
      if (load) await this.#engine?.dispose();
      await Promise.all(this.#running);
      return failure;
    } catch (error) {
      return failure ?? error;
    }
  }

  #receive(data: unknown): void {
    try {
      const message = readCallerMessage(data);
      if (message.type === "hello") this.#greet(message.version);
      else if (message.type === "bye") this.#end(unpack(message.why));
      else if (this.#engine) this.#serve(this.#engine, message);
      else throw notUnderstood(data);
    } catch (error) {
      this.#close(error);
    }
  }

  #greet(version: number): void {
    requireVersion(version);
    if (this.#engine) this.#sendInfo();
  }

  #serve(engine: EngineHandle, message: Exclude<CallerMessage, { type: "hello" | "bye" }>): void {
    if (message.type === "call") this.#run(this.#call(engine, message));
    else if (message.type === "generate") this.#run(this.#generate(engine, message));
    else {
      // Undefined if the stream has ended, and the caller sent this message before it received the end.
      const stream = this.#streams.get(message.id);
      if (message.type === "more") stream?.more(message.count);
      else stream?.abort(message.type === "abort" ? unpack(message.reason) : undefined);
    }
  }

  #run(work: Promise<void>): void {
    this.#running.add(work);
    work.finally(() => this.#running.delete(work));
  }

  async #generate(
    engine: EngineHandle,
    message: Extract<CallerMessage, { type: "generate" }>,
  ): Promise<void> {
    const stream = new ServedStream(message);
    this.#streams.set(message.id, stream);
    await stream.run(engine, (sent) => {
      this.#post(sent);
      if (sent.type === "event" && sent.event.type === "recovered") this.#sendInfo();
    });
    this.#streams.delete(message.id);
  }

  async #call(
    engine: EngineHandle,
    { id, method, args }: Extract<CallerMessage, { type: "call" }>,
  ): Promise<void> {
    try {
      const call = engine[method] as (...args: readonly unknown[]) => Promise<unknown>;
      const value = await call.apply(engine, args as unknown[]);
      if (engine.info.device !== this.#reportedDevice) this.#sendInfo();
      this.#post({ type: "result", id, value });
    } catch (error) {
      this.#post({ type: "error", id, error: pack(error) });
    }
    if (method === "dispose") this.#close(undefined);
  }

  #sendInfo(): void {
    const { info } = this.#engine!;
    this.#reportedDevice = info.device;
    this.#post({ type: "info", version: protocolVersion, info });
  }

  /** @throws DOMException `DataCloneError` for data that cannot be cloned */
  #post(message: EngineMessage): void {
    if (!this.#ended) this.#port.post(message);
  }

  /** Ends the connection and notifies the caller. @param failure undefined for an orderly end */
  #close(failure: unknown): void {
    this.#post({ type: "bye", why: pack(failure) });
    this.#end(failure);
  }

  #end(failure: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#port.close();
    this.#loading.abort(failure);
    for (const stream of this.#streams.values()) stream.abort(failure);
    this.#done.resolve(isOrderly(failure) ? undefined : failure);
  }
}

/** A caller that disconnects, or whose port is closed, is not a failure. */
function isOrderly(failure: unknown): boolean {
  return failure instanceof DiffusionError && failure.code === "disposed";
}
