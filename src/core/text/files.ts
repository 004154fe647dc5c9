import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";

/** The files from which a tokenizer is made. */
export interface TokenizerFiles {
  /** The parsed tokenizer.json. */
  readonly tokenizer: unknown;
  /** The parsed tokenizer_config.json. */
  readonly config?: unknown;
  /** The name of tokenizer.json in errors. */
  readonly name?: string;
  /** Ids with a meaning in the model's configuration (mask, stop tokens): always special, whatever the files declare. */
  readonly controlIds?: readonly number[];
}

/** The names under which tokenizer_config.json lists special tokens. */
export const tokenRoles = ["bos", "eos", "pad", "mask", "unk", "sep", "cls"] as const;
export type TokenRole = (typeof tokenRoles)[number];

/** The text of a token in tokenizer_config.json, which is a string or an object with `content`. */
export function textOfToken(value: unknown): string | undefined {
  const text = isJsonObject(value) ? value["content"] : value;
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** Requires a part of a file to be an object. @throws DiffusionError `invalid-file` */
export function requireObject(value: unknown, what: string, name: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new DiffusionError(
    "invalid-file",
    `Cannot read '${name}' as ${what} must be an object: found ${found(value)}`,
  );
}
