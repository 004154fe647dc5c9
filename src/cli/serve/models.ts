/** Reads the values of `--model` for `serve`. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { DiffusionError, found } from "../../core/index.ts";
import { hubIdOf } from "../../sources/hubModel.ts";
import { modelFileOf } from "../../sources/oneFile.ts";

export interface ServedModel {
  /** The model's name in requests. */
  readonly name: string;
  /** The value of `--model` for other commands; absent for the embedded model. */
  readonly model?: string;
}

const named = /^([A-Za-z0-9][\w.-]*)=(.+)$/s;

/**
 * Reads `name=model` or `model`. The default name is the hub id, or the last segment of a directory or address.
 * @throws DiffusionError `invalid-request` if two models have the same name
 */
export function namedModels(values: readonly string[] = []): readonly ServedModel[] {
  if (values.length === 0) return [{ name: servedName(undefined) }];
  const models = values.map((value): ServedModel => {
    const [, name, model] = named.exec(value) ?? [];
    return name !== undefined && model !== undefined
      ? { name, model }
      : { name: servedName(value), model: value };
  });
  const duplicate = models.find(
    ({ name }, index) => models.findIndex((other) => other.name === name) < index,
  );
  if (!duplicate) return models;
  const message = `Cannot serve two models under the same name: found ${found(duplicate.name)} (use --model NAME=MODEL)`;
  throw new DiffusionError("invalid-request", message);
}

/** The default name of a model in responses: the hub id, or the last segment of the directory or address. */
export function servedName(model: string | undefined): string {
  if (model === undefined) return "embedded";
  const file = modelFileOf(model)?.file;
  if (file !== undefined) return basename(file, ".gguf");
  const id = existsSync(model) ? undefined : hubIdOf(model);
  if (id !== undefined) return id.replace(/@.*$/, "");
  const path = /^https?:/.test(model) ? new URL(model).pathname : model;
  return basename(path) || model;
}
