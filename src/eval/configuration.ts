/** Configurations of an evaluation: named requests without a prompt, single or as a matrix. */
import { DiffusionError, found, type GenerateRequest } from "../core/index.ts";
import { isJsonObject, type JsonObject } from "../core/jsonObject.ts";

export interface Configuration {
  readonly name: string;
  /** The model of this configuration, in place of `--model`: for baselines with another model. */
  readonly model?: string;
  readonly request: GenerateRequest;
}

/** Fields with the prompt, which comes from the task. */
const promptFields = ["messages", "prompt", "tokens", "infill"];

/**
 * Reads a JSON array of entries `{name?, model?, ...request}`. An entry whose fields have arrays of values stands for all
 * combinations of the values. The values are appended to the name of each combination.
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
  if (!Array.isArray(entries) || entries.length === 0)
    throw fail("must be a non-empty array of configurations");
  const configurations = entries.flatMap((entry: unknown, index) => {
    if (!isJsonObject(entry)) {
      throw fail(`must contain objects: found ${found(entry)} at ${index}`);
    }
    const field = promptFields.find((name) => name in entry);
    if (field) throw fail(`must not set '${field}', which comes from the tasks: found it at ${index}`);
    return expand(entry);
  });
  const invalid = configurations.find(({ model }) => model !== undefined && typeof model !== "string");
  if (invalid) throw fail(`must have strings as 'model': found ${found(invalid.model)} in '${invalid.name}'`);
  const names = configurations.map(({ name }) => name);
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate !== undefined) throw fail(`has two configurations of the same name: found '${duplicate}'`);
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

/** A short text of a value, for example `threshold 0.9`. */
function label(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.values(value)
    .filter((part) => part !== null)
    .join(" ");
}
