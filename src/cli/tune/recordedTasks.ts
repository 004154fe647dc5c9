/** Runs tasks, and keeps their records in a file: a task with a record is not run again. */
import type { EngineHandle } from "../../core/index.ts";
import type { Configuration } from "../../eval/configuration.ts";
import { answer } from "../../eval/evaluate.ts";
import { type EvalRecord, recordKey, requireSame } from "../../eval/record.ts";
import type { Task } from "../../eval/task.ts";
import { appendResult, openResults } from "../evalResults.ts";

export class RecordedTasks {
  readonly #file: string;
  readonly #tasks: readonly Task[];
  readonly #known: ReadonlyMap<string, EvalRecord>;

  private constructor(file: string, tasks: readonly Task[], records: readonly EvalRecord[]) {
    this.#file = file;
    this.#tasks = tasks;
    this.#known = new Map(records.map((record) => [recordKey(record), record]));
  }

  /** @throws DiffusionError `invalid-file`, `io` */
  static async open(file: string, tasks: readonly Task[]): Promise<RecordedTasks> {
    return new RecordedTasks(file, tasks, await openResults(file, true));
  }

  /** @throws DiffusionError `invalid-request` if the file has a record of a different task; and as the engine */
  async run(
    engine: EngineHandle,
    configuration: Configuration,
    task: number,
    signal: AbortSignal,
  ): Promise<EvalRecord> {
    const existing = this.#known.get(recordKey({ configuration: configuration.name, task }));
    if (existing) {
      requireSame([existing], {
        tasks: this.#tasks,
        configurations: [configuration],
        results: this.#file,
      });
      return existing;
    }
    const record = await answer(engine, configuration, this.#tasks, task, signal);
    await appendResult(this.#file, record);
    return record;
  }
}
