/** The progress line of a search, and its clock. */
import type { Phase } from "../../eval/tune/search.ts";
import type { Io } from "../io.ts";
import { StatusLine } from "../statusLine.ts";

export class TuneProgress {
  readonly #line: StatusLine;
  readonly #budgetMs: number;
  readonly #started = performance.now();
  #answers = 0;
  #phase = "";

  /** The clock starts here. */
  constructor(io: Io, budgetMs: number) {
    this.#line = new StatusLine(io);
    this.#budgetMs = budgetMs;
  }

  get elapsedMs(): number {
    return performance.now() - this.#started;
  }

  /** Counts an answer. */
  count(): void {
    this.#answers++;
    this.#show();
  }

  enter(phase: Phase): void {
    this.#phase = phaseText(phase);
    this.#show();
  }

  clear(): void {
    this.#line.clear();
  }

  #show(): void {
    const minutes = (ms: number) => (ms / 60_000).toFixed(1);
    const time = `${minutes(this.elapsedMs)} of ${minutes(this.#budgetMs)} min`;
    this.#line.show(`${time}, ${this.#answers} answers: ${this.#phase}`);
  }
}

function phaseText({ generation, tasks, candidates, leader }: Phase): string {
  const what = generation === undefined ? "last comparison" : `generation ${generation + 1}`;
  return `${what}, ${candidates} on ${tasks} tasks${leader ? `; best: ${leader.name}` : ""}`;
}
