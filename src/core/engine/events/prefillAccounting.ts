/** Counts the passes and copies that encoded a prompt. After a restart, positions that were counted before count only once. */
import type { Range } from "../../diffusion/index.ts";

export class PrefillAccounting {
  /** Passes that encoded a part of the prompt. */
  prefills = 0;
  /** Positions whose keys and values were copied from another request. */
  sharedTokens = 0;
  #end = 0;

  /** Counts a pass over [start, end). Returns true if any position was not counted before. */
  record({ end }: Range): boolean {
    if (end <= this.#end) return false;
    this.#end = end;
    this.prefills++;
    return true;
  }

  /** Counts a copy of [start, end). */
  recordShared({ start, end }: Range): void {
    this.sharedTokens += Math.max(0, end - Math.max(start, this.#end));
    this.#end = Math.max(this.#end, end);
  }
}
