/** Configurations of an evaluation: named requests without a prompt, spelled out or as a matrix. */
import { DiffusionError, found, type GenerateRequest } from "../core/index.ts";
import { isJsonObject, type JsonObject } from "../core/jsonObject.ts";

export interface Configuration {
  readonly name: string;
  /** What `--model` would name, for another model than that: how a baseline of another kind comes into the table. */
  readonly model?: string;
  readonly request: GenerateRequest;
}

/** Fields that say what is answered: tasks do that. */
const taken = ["messages", "prompt", "tokens", "infill"];

/**
 * A file is a JSON list of entries `{name?, model?, ...request}`. Where a field has a list of values, the entry stands for
 * every combination, and each gets its values added to its name.
 * @throws DiffusionError `invalid-file`
 */
export function readConfigurations(text: string, file: string): readonly Configuration[] {
  const fail = (what: string, cause?: unknown) =>
    new DiffusionError("invalid-file", `Cannot evaluate as '${file}' ${what}`, { cause });
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch (cause) {
    throw fail("is not JSON", cause);
  }
  if (!Array.isArray(entries) || entries.length === 0) throw fail("must hold a list of configurations");
  const configurations = entries.flatMap((entry: unknown, index) => {
    if (!isJsonObject(entry)) {
      throw fail(`must hold objects: found ${found(entry)} at ${index}`);
    }
    const field = taken.find((name) => name in entry);
    if (field) throw fail(`must leave '${field}' to the tasks: found it at ${index}`);
    return expand(entry);
  });
  const odd = configurations.find(({ model }) => model !== undefined && typeof model !== "string");
  if (odd) throw fail(`must name models by strings: found ${found(odd.model)} in '${odd.name}'`);
  const names = configurations.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw fail(`names two configurations alike: found '${twice}'`);
  return configurations;
}

function expand(entry: JsonObject): readonly Configuration[] {
  const { name, ...fields } = entry;
  const axes = Object.entries(fields).filter(([, value]) => Array.isArray(value)) as [
    string,
    readonly unknown[],
  ][];
  const fixed = Object.fromEntries(Object.entries(fields).filter(([, value]) => !Array.isArray(value)));
  let rows: readonly JsonObject[] = [{}];
  for (const [axis, values] of axes)
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [axis]: value })));
  return rows.map((row) => {
    const { model, ...request }: JsonObject = { ...fixed, ...row };
    const varied = name === undefined ? { ...fixed, ...row } : row;
    const parts = [...(typeof name === "string" ? [name] : []), ...Object.values(varied).map(label)];
    const own = { name: parts.join(", ") || "default", request };
    return model === undefined ? own : { ...own, model: model as string };
  });
}

/** A value in a few characters: `threshold 0.9`. */
function label(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.values(value)
    .filter((part) => part !== null)
    .join(" ");
}
