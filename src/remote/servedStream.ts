/** One generation on the engine's side. It sends an event for each credit of the caller. */
import { DiffusionError, type EngineHandle, type GenerateRequest } from "../core/index.ts";
import { Credits } from "./credits.ts";
import type { CallerMessage, EngineMessage } from "./messages.ts";
import { pack } from "./packedValue.ts";

export class ServedStream {
  readonly #id: number;
  readonly #request: GenerateRequest;
  readonly #credits: Credits;
  readonly #abort = new AbortController();

  constructor({ id, request, window }: Extract<CallerMessage, { type: "generate" }>) {
    this.#id = id;
    this.#request = request as GenerateRequest;
    this.#credits = new Credits(window);
  }

  more(count: number): void {
    this.#credits.give(count);
  }

  /** Ends the generation within one decode step. Unsent events are dropped, and the error follows. */
  abort(reason: unknown): void {
    this.#abort.abort(reason);
    this.#credits.close();
  }

  /** Sends the events, followed by the end or the error. Never rejects. */
  async run(engine: EngineHandle, post: (message: EngineMessage) => void): Promise<void> {
    const id = this.#id;
    const { signal } = this.#abort;
    try {
      for await (const event of engine.generate(this.#request, { signal })) {
        if (!(await this.#credits.take())) break;
        post({ type: "event", id, event });
      }
      if (signal.aborted) {
        // The engine may have finished before the abort, with events that were not sent yet.
        const message = "Cannot finish the generation as the caller aborted it";
        throw new DiffusionError("aborted", message, { cause: signal.reason });
      }
      post({ type: "end", id });
    } catch (error) {
      post({ type: "error", id, error: pack(error) });
    }
  }
}
