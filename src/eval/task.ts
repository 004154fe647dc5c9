/** Tasks of an evaluation: a prompt and a check of the answer. A task file has one task per line, as JSON. */
import { DiffusionError, found } from "../core/index.ts";

/** Exactly one field: the complete answer (apart from surrounding white space), a part of it, or a regular expression. */
export interface Check {
  readonly equals?: string;
  readonly contains?: string;
  readonly matches?: string;
}

export interface Task {
  /** The group of the task in the results. */
  readonly kind: string;
  readonly prompt: string;
  readonly check: Check;
}

/** Whether an answer passes the check. */
export function isRight(check: Check, text: string): boolean {
  if (check.equals !== undefined) return text.trim() === check.equals.trim();
  if (check.contains !== undefined) return text.includes(check.contains);
  return new RegExp(check.matches!).test(text);
}

/**
 * @param text JSON lines of `{kind?, prompt, check}`
 * @param name the name of the file in errors
 * @throws DiffusionError `invalid-file` with the line number
 */
export function readTasks(text: string, name: string): readonly Task[] {
  const tasks = text
    .split("\n")
    .flatMap((line, index) => (line.trim() === "" ? [] : [readTask(line, `line ${index + 1} of '${name}'`)]));
  if (tasks.length === 0)
    throw new DiffusionError("invalid-file", `Cannot evaluate as '${name}' has no tasks`);
  return tasks;
}

const checks = ["equals", "contains", "matches"] as const satisfies readonly (keyof Check)[];

function readTask(line: string, where: string): Task {
  const fail = (what: string, cause?: unknown) =>
    new DiffusionError("invalid-file", `Cannot evaluate as ${where} ${what}`, { cause });
  let value: Partial<Task>;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw fail("is not JSON", cause);
  }
  const { kind = "all", prompt, check } = value ?? {};
  if (typeof kind !== "string") throw fail(`must have a string 'kind': found ${found(kind)}`);
  if (typeof prompt !== "string") throw fail(`must have a string 'prompt': found ${found(prompt)}`);
  const present = checks.filter((each) => typeof check?.[each] === "string");
  if (present.length !== 1 || Object.keys(check ?? {}).length !== 1) {
    throw fail(`must have a 'check' with one of ${checks.join(", ")}: found ${found(check)}`);
  }
  if (check?.matches !== undefined) {
    try {
      new RegExp(check.matches);
    } catch (cause) {
      throw fail(`must have a regular expression as 'matches': found ${found(check.matches)}`, cause);
    }
  }
  return { kind, prompt, check: check as Check };
}
