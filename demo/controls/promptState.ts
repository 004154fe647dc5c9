/** What the next run answers. */
import { signal } from "@preact/signals";
import type { EngineInfo, GenerateRequest, InfillSegment } from "../../src/core/index.ts";
import { fieldsExcludedByInfill } from "../../src/core/index.ts";
import { inputOf } from "../chat/index.ts";
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

/** The next request of a lane. */
export function nextRequest(info: EngineInfo, lane: Lane = 0): GenerateRequest {
  return requestOf(inputOf(prompt.value, info), example.value?.infill, lane);
}

/** The request that answers the prompt of another one again, with holes in place of what is to change. */
export function againRequest(
  { messages, prompt, tokens }: GenerateRequest,
  infill: readonly InfillSegment[],
  lane: Lane = 0,
): GenerateRequest {
  const input = {
    ...(messages && { messages }),
    ...(prompt !== undefined && { prompt }),
    ...(tokens && { tokens }),
  };
  return requestOf(input, infill, lane);
}

/** A request with the present settings of a lane. Holes have lengths of their own. */
function requestOf(
  input: GenerateRequest,
  infill: readonly InfillSegment[] | undefined,
  lane: Lane,
): GenerateRequest {
  const decoding = { ...requestOfSettings(lane), guesses: true };
  if (!infill) return { ...decoding, ...input };
  const refused: readonly string[] = fieldsExcludedByInfill;
  const kept = Object.entries(decoding).filter(([field]) => !refused.includes(field));
  return { ...Object.fromEntries(kept), ...input, infill };
}
