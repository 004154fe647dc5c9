/** One generation on the caller's side. */
import { EventQueue } from "../core/engine/events/eventQueue.ts";
import type { GenerateEvent } from "../core/index.ts";
import type { CallerMessage } from "./messages.ts";
import { pack } from "./packedValue.ts";

export class RemoteStream {
  readonly id: number;
  readonly #window: number;
  readonly #post: (message: CallerMessage) => void;
  readonly #queue = new EventQueue<GenerateEvent>();
  #consumed = 0;
  #ended = false;

  constructor(id: number, window: number, post: (message: CallerMessage) => void) {
    this.id = id;
    this.#window = window;
    this.#post = post;
  }

  push(event: GenerateEvent): void {
    this.#queue.push(event);
  }
  end(): void {
    this.#ended = true;
    this.#queue.end();
  }
  fail(error: unknown): void {
    this.#ended = true;
    this.#queue.fail(error);
  }

  /** The events. An event counts as consumed when the reader requests the next one. */
  async *events(): AsyncGenerator<GenerateEvent, void, undefined> {
    for await (const event of this.#queue.drain((event) => event)) {
      yield event;
      this.#consume();
    }
  }

  /** Returns credits for half a window at a time. The other half keeps the engine's side busy until they arrive. */
  #consume(): void {
    this.#consumed++;
    if (this.#ended || this.#consumed * 2 < this.#window) return;
    this.#post({ type: "more", id: this.id, count: this.#consumed });
    this.#consumed = 0;
  }

  abort(reason: unknown): void {
    if (!this.#ended) this.#post({ type: "abort", id: this.id, reason: pack(reason) });
  }

  /** The caller reads no further events. */
  leave(): void {
    if (!this.#ended) this.#post({ type: "leave", id: this.id });
    this.#ended = true;
  }
}
