/** What the next run answers. */
import { signal } from "@preact/signals";
import type { EngineInfo, GenerateRequest } from "../../src/core/index.ts";
import { fieldsExcludedByInfill } from "../../src/core/index.ts";
import type { Lane } from "../run/index.ts";
import { type Example, examples } from "./examples.ts";
import { activeLanes, laneSettings, requestOfSettings, shared } from "./settings.ts";

export const prompt = signal("");
/** The example whose prompt is unchanged: its pinned text goes with it. */
export const example = signal<Example | undefined>(undefined);

export function applyExample(chosen: Example): void {
  example.value = chosen;
  prompt.value = chosen.prompt;
  const { blockLength, genLength } = chosen;
  shared.value = { ...shared.value, genLength };
  for (const lane of laneSettings)
    lane.value = { ...lane.value, request: { ...lane.value.request, blockLength } };
}

export function writePrompt(text: string): void {
  prompt.value = text;
  if (example.value?.prompt !== text) example.value = undefined;
}

applyExample(examples[0]!);

/** The next requests, one for each lane. */
export function nextRequests(info: EngineInfo): readonly GenerateRequest[] {
  return activeLanes.value.map((lane) => nextRequest(info, lane));
}

/** The next request of a lane: holes have lengths of their own. */
export function nextRequest(info: EngineInfo, lane: Lane = 0): GenerateRequest {
  const content = prompt.value;
  const input: GenerateRequest = info.hasChatTemplate
    ? { messages: [{ role: "user", content }] }
    : { prompt: content };
  const decoding = { ...requestOfSettings(lane), guesses: true };
  const infill = example.value?.infill;
  if (!infill) return { ...decoding, ...input };
  const refused: readonly string[] = fieldsExcludedByInfill;
  const kept = Object.entries(decoding).filter(([field]) => !refused.includes(field));
  return { ...Object.fromEntries(kept), ...input, infill };
}
