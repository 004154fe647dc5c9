/** The result of one task under one configuration. A results file has one record per line, as JSON. */
import { createHash } from "node:crypto";
import { DiffusionError, type DoneEvent } from "../core/index.ts";
import type { Configuration } from "./configuration.ts";
import { isRight, type Task } from "./task.ts";

export interface EvalRecord {
  readonly configuration: string;
  /** Hash of the task and the configuration: see `fingerprint`. */
  readonly of: string;
  /** Index of the task in the task file. */
  readonly task: number;
  readonly kind: string;
  readonly right: boolean;
  readonly text: string;
  readonly completionTokens: number;
  readonly forwards: number;
  /** Positions that the forward passes computed. */
  readonly rows: number;
  readonly decodeMs: number;
}

export function record(configuration: Configuration, index: number, task: Task, done: DoneEvent): EvalRecord {
  const text = done.text ?? "";
  const { completionTokens, forwards, rows, decodeMs } = done.usage;
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
    rows,
    decodeMs,
  };
}

/** A hash that detects records of a different task or request with the same name. */
export function fingerprint({ model, request }: Configuration, { prompt, check }: Task): string {
  return createHash("sha256")
    .update(JSON.stringify({ model, request, prompt, check }))
    .digest("hex")
    .slice(0, 12);
}

/** A key that is unique for each record of a results file. */
export function recordKey({ configuration, task }: Pick<EvalRecord, "configuration" | "task">): string {
  return `${configuration}\n${task}`;
}

/**
 * Reads the records of a run that may have been interrupted: an incomplete last line is skipped.
 * @throws DiffusionError `invalid-file` with the line number
 */
export function readRecords(text: string, name: string): readonly EvalRecord[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line, index) => {
    try {
      const value = JSON.parse(line) as EvalRecord;
      const { configuration, forwards, rows } = value;
      if (typeof configuration === "string" && [forwards, rows].every(Number.isFinite)) return value;
    } catch {
      // The error below has the line number.
    }
    throw new DiffusionError("invalid-file", `Cannot read '${name}' as line ${index + 1} is not a result`);
  });
}

/**
 * Checks that records belong to these tasks and configurations, and not to different ones with the same names.
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
    /** The name of the file in errors. */
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
    `Cannot continue '${results}' as its tasks or configurations were different: found a different task ${task} under '${configuration}'`,
  );
}
