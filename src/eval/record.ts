/** What is known of one task under one configuration; results are files of these, one a line, as JSON. */
import { createHash } from "node:crypto";
import { DiffusionError, type DoneEvent } from "../core/index.ts";
import type { Configuration } from "./configuration.ts";
import { isRight, type Task } from "./task.ts";

export interface EvalRecord {
  readonly configuration: string;
  /** What the record is of: see `fingerprint`. */
  readonly of: string;
  /** Index of the task in its file. */
  readonly task: number;
  readonly kind: string;
  readonly right: boolean;
  readonly text: string;
  readonly completionTokens: number;
  readonly forwards: number;
  readonly decodeMs: number;
}

export function record(configuration: Configuration, index: number, task: Task, done: DoneEvent): EvalRecord {
  const text = done.text ?? "";
  const { completionTokens, forwards, decodeMs } = done.usage;
  const right = isRight(task.check, text);
  return {
    configuration: configuration.name,
    of: fingerprint(configuration, task),
    task: index,
    kind: task.kind,
    right,
    text,
    completionTokens,
    forwards,
    decodeMs,
  };
}

/** Tells a result from one of the same name whose task or request was another. */
export function fingerprint({ model, request }: Configuration, { prompt, check }: Task): string {
  return createHash("sha256")
    .update(JSON.stringify({ model, request, prompt, check }))
    .digest("hex")
    .slice(0, 12);
}

/** What tells two records apart. */
export function recordKey({ configuration, task }: Pick<EvalRecord, "configuration" | "task">): string {
  return `${configuration}\n${task}`;
}

/**
 * Reads the records of a run that may have been cut off: a last line without its end is left out.
 * @throws DiffusionError `invalid-file` with the line
 */
export function readRecords(text: string, name: string): readonly EvalRecord[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line, index) => {
    try {
      const value = JSON.parse(line) as EvalRecord;
      if (typeof value.configuration === "string" && typeof value.forwards === "number") return value;
    } catch {
      // Falls through to the error, which names the line.
    }
    throw new DiffusionError("invalid-file", `Cannot read '${name}' as line ${index + 1} is not a result`);
  });
}

/**
 * Checks that the records of a file are of these tasks and configurations, not of others that went by the same names.
 * @throws DiffusionError `invalid-request`
 */
export function requireSame(
  records: readonly EvalRecord[],
  {
    tasks,
    configurations,
    results,
  }: {
    readonly tasks: readonly Task[];
    readonly configurations: readonly Configuration[];
    /** How the error names the file. */
    readonly results: string;
  },
): void {
  const byName = new Map(configurations.map((configuration) => [configuration.name, configuration]));
  const other = records.find(
    ({ configuration, task, of }) => of !== fingerprint(byName.get(configuration)!, tasks[task]!),
  );
  if (!other) return;
  const { task, configuration } = other;
  throw new DiffusionError(
    "invalid-request",
    `Cannot go on with '${results}' as its tasks or configurations were others: found another task ${task} under '${configuration}'`,
  );
}
