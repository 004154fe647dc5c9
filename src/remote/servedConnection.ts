/** A connection as the engine's side sees it: what the caller says becomes calls of the engine. */
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

/** What loading is given: the caller's signal, and whom to tell of progress. */
export interface Loading {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
}
export type EngineLoader = (loading: Loading) => Promise<EngineHandle>;

export class ServedConnection {
  readonly #port: Port;
  readonly #loading = new AbortController();
  readonly #streams = new Map<number, ServedStream>();
  readonly #running = new Set<Promise<void>>();
  #engine: EngineHandle | undefined;
  #toldDevice: string | undefined;
  readonly #over = new Deferred<unknown>();
  #ended = false;

  constructor(port: Port) {
    this.#port = port;
    port.listen({
      onMessage: (data) => this.#receive(data),
      onClosed: (why) => this.#end(why),
    });
  }

  /** Resolves as `serveEngine` does. */
  async serve(engine: EngineHandle | EngineLoader): Promise<unknown> {
    const load = typeof engine === "function" ? engine : undefined;
    try {
      const onProgress = (progress: LoadProgress) => this.#post({ type: "progress", progress });
      this.#engine = load
        ? await load({ signal: this.#loading.signal, onProgress })
        : (engine as EngineHandle);
      this.#tellInfo();
    } catch (error) {
      this.#close(error);
    }
    const failure = await this.#over.promise;
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
    if (this.#engine) this.#tellInfo();
  }

  #serve(engine: EngineHandle, message: Exclude<CallerMessage, { type: "hello" | "bye" }>): void {
    if (message.type === "call") this.#run(this.#call(engine, message));
    else if (message.type === "generate") this.#run(this.#generate(engine, message));
    else {
      // A stream that has ended may be spoken of as long as the caller has not heard of its end.
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
      if (sent.type === "event" && sent.event.type === "recovered") this.#tellInfo();
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
      if (engine.info.device !== this.#toldDevice) this.#tellInfo();
      this.#post({ type: "result", id, value });
    } catch (error) {
      this.#post({ type: "error", id, error: pack(error) });
    }
    if (method === "dispose") this.#close(undefined);
  }

  #tellInfo(): void {
    const { info } = this.#engine!;
    this.#toldDevice = info.device;
    this.#post({ type: "info", version: protocolVersion, info });
  }

  /** @throws what structured cloning throws */
  #post(message: EngineMessage): void {
    if (!this.#ended) this.#port.post(message);
  }

  /** Tells the caller that it is over. @param failure undefined if that is in order */
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
    this.#over.resolve(isOrderly(failure) ? undefined : failure);
  }
}

/** A caller that leaves, or whose port is closed, has done nothing wrong. */
function isOrderly(failure: unknown): boolean {
  return failure instanceof DiffusionError && failure.code === "disposed";
}
