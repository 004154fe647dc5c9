/** The models of a server, as `--model` gives them. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { DiffusionError, found } from "../../core/index.ts";
import { hubIdOf } from "../../sources/hubModel.ts";

export interface ServedModel {
  /** What requests choose it by. */
  readonly name: string;
  /** As other commands take it; the embedded model if absent. */
  readonly model?: string;
}

const named = /^([A-Za-z0-9][\w.-]*)=(.+)$/s;

/**
 * `name=model`, or a model alone: an id of the hub is its own name, a directory or an address has its last part for one.
 * @throws DiffusionError `invalid-request` if two have the same name
 */
export function namedModels(values: readonly string[] = []): readonly ServedModel[] {
  if (values.length === 0) return [{ name: servedName(undefined) }];
  const models = values.map((value): ServedModel => {
    const [, name, model] = named.exec(value) ?? [];
    return name !== undefined && model !== undefined
      ? { name, model }
      : { name: servedName(value), model: value };
  });
  const twice = models.find(({ name }, index) => models.findIndex((other) => other.name === name) < index);
  if (!twice) return models;
  const message = `Cannot serve two models by one name: found ${found(twice.name)}, which --model NAME=MODEL can change`;
  throw new DiffusionError("invalid-request", message);
}

/** What answers call a model that nobody has named: its id, or the last part of its directory or address. */
export function servedName(model: string | undefined): string {
  if (model === undefined) return "embedded";
  const id = existsSync(model) ? undefined : hubIdOf(model);
  if (id !== undefined) return id.replace(/@.*$/, "");
  const path = /^https?:/.test(model) ? new URL(model).pathname : model;
  return basename(path) || model;
}
