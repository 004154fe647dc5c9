/** Runs tasks under configurations, skipping what is known already. */
import type { DoneEvent, Engine } from "../core/index.ts";
import type { Configuration } from "./configuration.ts";
import { type EvalRecord, record, recordKey } from "./record.ts";
import type { Task } from "./task.ts";

/** Every `count`-th pair of task and configuration, from `index` on. */
export interface Share {
  readonly index: number;
  readonly count: number;
}

export interface EvaluateOptions {
  /** Keys of records that there are already. */
  readonly known: ReadonlySet<string>;
  readonly share: Share;
  readonly signal: AbortSignal;
  /** The engine of a configuration's model; asked for each pair, those of one configuration one after the other. */
  engineOf(configuration: Configuration): Promise<Engine>;
  onRecord(record: EvalRecord): Promise<void>;
}

/**
 * The pairs of a share that are still to be run, configuration by configuration. A share does not depend on what is
 * known, so that processes that look at different times do not run the same pair.
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

/** One at a time, so that times are those of batch 1. */
export async function evaluate(
  tasks: readonly Task[],
  configurations: readonly Configuration[],
  { known, share, signal, engineOf, onRecord }: EvaluateOptions,
): Promise<void> {
  for (const { configuration, task } of pending(tasks, configurations, known, share)) {
    const { prompt } = tasks[task]!;
    const engine = await engineOf(configuration);
    const input = engine.hasChatTemplate ? { messages: [{ role: "user", content: prompt }] } : { prompt };
    let done: DoneEvent | undefined;
    for await (const event of engine.generate({ ...configuration.request, ...input }, { signal })) {
      if (event.type === "done") done = event;
    }
    await onRecord(record(configuration, task, tasks[task]!, done!));
  }
}
