/** Displays the progress of a batch and its first failure on standard error. */
import { found } from "../../core/index.ts";
import type { Io } from "../io.ts";
import { note, StatusLine } from "../statusLine.ts";
import type { BatchItem } from "./items.ts";
import type { Outcomes } from "./previous.ts";

export class Tally {
  readonly #io: Io;
  readonly #line: StatusLine;
  readonly #items: readonly BatchItem[];
  readonly #previousCount: number;
  #done: number;
  #failed = 0;
  #isNamed = false;

  private constructor(io: Io, items: readonly BatchItem[], previousCount: number) {
    this.#io = io;
    this.#line = new StatusLine(io);
    this.#items = items;
    this.#previousCount = previousCount;
    this.#done = previousCount;
  }

  /** @param previous the outcomes of existing results, which count as progress and as failures */
  static async over(io: Io, items: readonly BatchItem[], previous: Outcomes): Promise<Tally> {
    const tally = new Tally(io, items, previous.size);
    for (const { index } of items) await tally.#note(index, previous.get(index));
    return tally;
  }

  get failedCount(): number {
    return this.#failed;
  }

  /** @param failure the error message of a failed request; undefined for success */
  async count(index: number, failure: string | undefined): Promise<void> {
    this.#done++;
    await this.#note(index, failure);
    this.#line.show(this.#text);
  }

  async #note(index: number, failure: string | undefined): Promise<void> {
    if (failure === undefined) return;
    this.#failed++;
    if (this.#isNamed) return;
    this.#isNamed = true;
    this.#line.clear();
    const { id } = this.#items[index]!;
    const which = id === undefined ? `${index}` : `${index} (${found(id)})`;
    await note(this.#io, `First failure, request ${which}: ${failure}`);
  }

  /** Prints the final counts. */
  async close(): Promise<void> {
    this.#line.clear();
    const before = this.#previousCount > 0 ? `, ${this.#previousCount} from an earlier run` : "";
    await note(this.#io, `${this.#text}${before}`);
  }

  get #text(): string {
    return `${this.#done} of ${this.#items.length} requests done, ${this.#failed} failed`;
  }
}
