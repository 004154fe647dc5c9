/** `--draft` and `--draft-share`: an answer to start from. */
import { readRemaskFraction } from "../core/engine/request/draft.ts";
import { DiffusionError, type Draft, number } from "../core/index.ts";
import { parseValue } from "./values.ts";

/** How a share stands on the command line; its range is the engine's to check. */
const shareNumber = number({ default: 0.5, help: "" });

/** @throws DiffusionError `invalid-request` */
export function readDraftOptions(values: Readonly<Record<string, unknown>>): Draft | undefined {
  const { draft: text, draftShare } = values as { readonly draft?: string; readonly draftShare?: string };
  if (text === undefined) {
    if (draftShare === undefined) return undefined;
    throw new DiffusionError("invalid-request", "Cannot use '--draft-share' as there is no '--draft'");
  }
  const given =
    draftShare === undefined ? {} : { remaskFraction: parseValue("--draft-share", shareNumber, draftShare) };
  // Checked before the model is loaded: that takes longer than a slip should cost.
  return { text, remaskFraction: readRemaskFraction(given) };
}
