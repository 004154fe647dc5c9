/** What the next run answers. */
import { signal } from "@preact/signals";
import type { EngineInfo, GenerateRequest, InfillSegment } from "../../src/core/index.ts";
import { fieldsExcludedByInfill } from "../../src/core/index.ts";
import { inputOf } from "../chat/index.ts";
import { type Example, examples } from "./examples.ts";
import { requestOfSettings, settings } from "./settings.ts";

export const prompt = signal("");
/** The example whose prompt is unchanged: its pinned text goes with it. */
export const example = signal<Example | undefined>(undefined);

export function applyExample(chosen: Example): void {
  example.value = chosen;
  prompt.value = chosen.prompt;
  const { blockLength, genLength } = chosen;
  settings.value = { ...settings.value, request: { ...settings.value.request, blockLength, genLength } };
}

export function writePrompt(text: string): void {
  prompt.value = text;
  if (example.value?.prompt !== text) example.value = undefined;
}

applyExample(examples[0]!);

/** The next request. */
export function nextRequest(info: EngineInfo): GenerateRequest {
  return requestOf(inputOf(prompt.value, info), example.value?.infill);
}

/** The request that answers the prompt of another one again, with holes in place of what is to change. */
export function againRequest(
  { messages, prompt, tokens }: GenerateRequest,
  infill: readonly InfillSegment[],
): GenerateRequest {
  return requestOf(
    { ...(messages && { messages }), ...(prompt !== undefined && { prompt }), ...(tokens && { tokens }) },
    infill,
  );
}

/** A request with the present settings. Holes have lengths of their own. */
function requestOf(input: GenerateRequest, infill: readonly InfillSegment[] | undefined): GenerateRequest {
  const decoding = { ...requestOfSettings.value, guesses: true };
  if (!infill) return { ...decoding, ...input };
  const refused: readonly string[] = fieldsExcludedByInfill;
  const kept = Object.entries(decoding).filter(([field]) => !refused.includes(field));
  return { ...Object.fromEntries(kept), ...input, infill };
}
