/** Runs tasks under configurations, and skips pairs that already have a record. */
import type { DoneEvent, EngineHandle, GenerateRequest } from "../core/index.ts";
import type { Configuration } from "./configuration.ts";
import { type EvalRecord, record, recordKey } from "./record.ts";
import type { Task } from "./task.ts";

/** The part of an evaluation that one process runs: every `count`-th pair of task and configuration, from `index` on. */
export interface Share {
  readonly index: number;
  readonly count: number;
}

export interface EvaluateOptions {
  /** The keys of existing records. */
  readonly known: ReadonlySet<string>;
  readonly share: Share;
  readonly signal: AbortSignal;
  /** Returns the engine for a configuration's model. Called for each pair; pairs of one configuration are consecutive. */
  engineOf(configuration: Configuration): Promise<EngineHandle>;
  onRecord(record: EvalRecord): Promise<void>;
}

/**
 * The pairs of a share without a record, configuration by configuration. A share does not depend on the existing records, so
 * processes that start at different times never run the same pair.
 */
export function pending(
  tasks: readonly Task[],
  configurations: readonly Configuration[],
  known: ReadonlySet<string>,
  share: Share = { index: 0, count: 1 },
): readonly { readonly configuration: Configuration; readonly task: number }[] {
  return configurations
    .flatMap((configuration) => tasks.map((_, task) => ({ configuration, task })))
    .filter((_, index) => index % share.count === share.index)
    .filter(({ configuration, task }) => !known.has(recordKey({ configuration: configuration.name, task })));
}

/** Runs the pairs one at a time, so the times are those of batch size 1. */
export async function evaluate(
  tasks: readonly Task[],
  configurations: readonly Configuration[],
  { known, share, signal, engineOf, onRecord }: EvaluateOptions,
): Promise<void> {
  for (const { configuration, task } of pending(tasks, configurations, known, share)) {
    await onRecord(await answer(await engineOf(configuration), configuration, tasks, task, signal));
  }
}

/** Runs one task under one configuration. */
export async function answer(
  engine: Pick<EngineHandle, "generate" | "info">,
  configuration: Configuration,
  tasks: readonly Task[],
  index: number,
  signal: AbortSignal,
): Promise<EvalRecord> {
  const task = tasks[index]!;
  const { prompt } = task;
  const input = engine.info.hasChatTemplate ? { messages: [{ role: "user", content: prompt }] } : { prompt };
  let done: DoneEvent | undefined;
  for await (const event of engine.generate({ ...configuration.request, ...input }, { signal })) {
    if (event.type === "done") done = event;
  }
  return record(configuration, index, task, done!);
}

/** The requests of tasks, as far as hints on prompts need them. */
export function requestsOf(tasks: readonly Task[]): readonly GenerateRequest[] {
  return tasks.map(({ prompt }) => ({ messages: [{ role: "user", content: prompt }] }));
}
