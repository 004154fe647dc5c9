/** `--draft` and `--remask-fraction`: an answer to refine. */

import { parseValue } from "../core/declare/parseValue.ts";
import { readRemaskFraction } from "../core/engine/request/draft.ts";
import { DiffusionError, type Draft, number } from "../core/index.ts";

/** Parses the number; the engine checks its range. */
const fraction = number({ default: 0.5, help: "" });

/** @throws DiffusionError `invalid-request` */
export function readDraftOptions(values: Readonly<Record<string, unknown>>): Draft | undefined {
  const { draft: text, remaskFraction } = values as {
    readonly draft?: string;
    readonly remaskFraction?: string;
  };
  if (text === undefined) {
    if (remaskFraction === undefined) return undefined;
    throw new DiffusionError("invalid-request", "Cannot use '--remask-fraction' without '--draft'");
  }
  const given =
    remaskFraction === undefined
      ? {}
      : { remaskFraction: parseValue("--remask-fraction", fraction, remaskFraction) };
  // Checked before the model is loaded, so that a mistake is reported at once.
  return { text, remaskFraction: readRemaskFraction(given) };
}
