import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";

/** What a tokenizer and a chat template are made of. */
export interface TokenizerFiles {
  /** The parsed tokenizer.json. */
  readonly tokenizer: unknown;
  /** The parsed tokenizer_config.json. */
  readonly config?: unknown;
  /** How errors name tokenizer.json. */
  readonly name?: string;
  /** Ids that the model's own configuration gives a meaning (mask, stop tokens): special even if the files do not say so. */
  readonly controlIds?: readonly number[];
}

/** The names under which tokenizer_config.json lists special tokens. */
export const tokenRoles = ["bos", "eos", "pad", "mask", "unk", "sep", "cls"] as const;
export type TokenRole = (typeof tokenRoles)[number];

/** A token in tokenizer_config.json: its text, or an object that holds it. */
export function textOfToken(value: unknown): string | undefined {
  const text = isJsonObject(value) ? value["content"] : value;
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** The object that a file must hold. @throws DiffusionError `invalid-file` */
export function requireObject(value: unknown, what: string, name: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new DiffusionError(
    "invalid-file",
    `Cannot read '${name}' as ${what} must be an object: found ${found(value)}`,
  );
}
