/** Completes the records of entrants within a time budget. */
import { DiffusionError, throwIfAborted } from "../../core/index.ts";
import type { EvalRecord } from "../record.ts";
import type { Entrant } from "./race.ts";
import type { Candidate } from "./settings.ts";

export interface Evaluation {
  /** Indices of the tasks, in the order in which they are run. */
  readonly order: readonly number[];
  /**
   * Runs one task, or returns its existing record.
   * @param job which of the concurrent jobs runs it
   */
  run(candidate: Candidate, task: number, job: number): Promise<EvalRecord>;
  /** Tasks that are run at the same time. */
  readonly jobs: number;
  /** Milliseconds since the start. */
  elapsedMs(): number;
  readonly signal: AbortSignal;
}

/** Errors by which an engine refuses settings, whatever the task. */
const refusals: ReadonlySet<string> = new Set(["invalid-request", "unsupported"]);

/**
 * Runs the first `count` tasks of each entrant, task by task, unless they have records. Starts nothing after `untilMs`. An entrant
 * that the engine refuses is marked, and not run any further.
 * @param required the first entrant must run: it is never marked, and its errors are thrown
 * @returns whether all records are there
 */
export async function complete(
  [required, ...others]: readonly [Entrant, ...Entrant[]],
  count: number,
  untilMs: number,
  { order, run, jobs, elapsedMs, signal }: Evaluation,
): Promise<boolean> {
  const pairs = order
    .slice(0, count)
    .flatMap((task, place) => [required, ...others].map((entrant) => ({ entrant, place, task })))
    .filter(({ entrant, place }) => entrant.records[place] === undefined)
    .values();
  let failed = false;
  const work = async (job: number) => {
    for (const { entrant, place, task } of pairs) {
      if (entrant.refused !== undefined) continue;
      throwIfAborted(signal, "finish the search");
      if (failed || elapsedMs() >= untilMs) return;
      try {
        const record = await run(entrant.candidate, task, job);
        while (entrant.records.length < place) entrant.records.push(undefined);
        entrant.records[place] = record;
      } catch (error) {
        if (entrant === required || !(error instanceof DiffusionError) || !refusals.has(error.code)) {
          failed = true;
          throw error;
        }
        entrant.refused = error.message;
      }
    }
  };
  const works = Array.from({ length: jobs }, (_, job) => work(job));
  await Promise.allSettled(works);
  await Promise.all(works);
  return [required, ...others].every(
    ({ records, refused }) =>
      refused !== undefined || order.slice(0, count).every((_, place) => records[place] !== undefined),
  );
}
