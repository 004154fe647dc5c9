/** One generation on the engine's side: its events, no more of them than the caller has given credits for. */
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

  /** Ends the generation within one step. Events that were not sent are dropped; the error is all that follows. */
  abort(reason: unknown): void {
    this.#abort.abort(reason);
    this.#credits.close();
  }

  /** Sends the events, and the end or the error behind them. Never rejects. */
  async run(engine: EngineHandle, post: (message: EngineMessage) => void): Promise<void> {
    const id = this.#id;
    const { signal } = this.#abort;
    try {
      for await (const event of engine.generate(this.#request, { signal })) {
        if (!(await this.#credits.take())) break;
        post({ type: "event", id, event });
      }
      if (signal.aborted) {
        // The engine, which had decided more than was sent, need not have heard of it.
        const message = "Cannot finish the generation as the caller aborted it";
        throw new DiffusionError("aborted", message, { cause: signal.reason });
      }
      post({ type: "end", id });
    } catch (error) {
      post({ type: "error", id, error: pack(error) });
    }
  }
}
