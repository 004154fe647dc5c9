/** POST /v1/infill */
import type { EngineHandle, EngineInfo, GenerateRequest, InfillSegment } from "../../core/index.ts";
import { answer } from "../answer/answer.ts";
import { infillFormat } from "../answer/infillFormat.ts";
import { ApiError } from "../apiError.ts";
import {
  generationRequest,
  type Prompt,
  promptTokens,
  settingsRequest,
  textTokens,
} from "../generation/plan.ts";
import type { AppContext } from "../observer.ts";
import {
  chatMessages,
  type InfillBody,
  type OpenSchema,
  omitNullish,
  unlimitedTokens,
} from "../schema/index.ts";
import { choicesOf, prepareGeneration, refuse } from "./generating.ts";
import type { RouteOptions } from "./route.ts";

export async function infill(
  c: AppContext,
  schema: OpenSchema<InfillBody>,
  options: RouteOptions,
): Promise<Response> {
  const { body, handle, job } = await prepareGeneration(c, schema, options);
  const prompt = promptOf(body);
  const request = body.draft ? await draftOf(handle, prompt, body) : await holesOf(handle, prompt, body);
  return answer(c, {
    ...job,
    format: infillFormat,
    ...choicesOf(handle.info, [{ request }], body),
  });
}

function promptOf({ messages, prompt }: InfillBody): Prompt | undefined {
  if (messages && prompt !== undefined) refuse("messages", "only one of 'messages' and 'prompt' is allowed");
  return messages ? { messages: chatMessages(messages) } : prompt;
}

/** A request that revises a draft: its least certain tokens are masked and generated again. */
async function draftOf(
  handle: EngineHandle,
  prompt: Prompt | undefined,
  { draft, segments, text, hole, max_tokens: maxTokens, ...body }: InfillBody,
): Promise<GenerateRequest> {
  if (segments ?? text ?? hole)
    refuse("draft", "'draft' cannot be combined with 'segments', 'text' or 'hole'");
  if (prompt === undefined) refuse("draft", "'draft' requires 'messages' or 'prompt'");
  const tokens = await promptTokens(handle, prompt);
  const draftTokens = await textTokens(handle, draft!.text);
  // The canvas must have room for the draft.
  const request = generationRequest(handle.info, tokens, body, omitNullish({ maxTokens }));
  const genLength = Math.max(request.genLength!, draftTokens.length);
  return { ...request, genLength, draft: { tokens: draftTokens, remaskFraction: draft!.remask_fraction } };
}

async function holesOf(
  handle: EngineHandle,
  prompt: Prompt | undefined,
  body: InfillBody,
): Promise<GenerateRequest> {
  if (typeof body.max_tokens === "number" && body.max_tokens !== unlimitedTokens)
    refuse("max_tokens", "'max_tokens' requires 'draft': holes have their own lengths");
  if (body.diffusion?.canvas !== undefined)
    refuse("diffusion.canvas", "'diffusion.canvas' requires 'draft': holes have their own lengths");
  const tokens = prompt === undefined ? {} : { tokens: await promptTokens(handle, prompt) };
  const infill = segmentsOf(handle.info, body);
  await requirePinned(handle, infill, body.n ?? 1);
  return { ...settingsRequest(body), ...tokens, infill };
}

/** Total length of pinned text, over all choices, that is copied to the engine without a check of its tokens. */
const maxUncheckedLength = 2 ** 23;

/** Checks the pinned text before every choice gets a copy. @throws ApiError for text that does not fit the context */
async function requirePinned(
  handle: EngineHandle,
  segments: readonly InfillSegment[],
  choices: number,
): Promise<void> {
  const pinned = segments.filter((segment) => typeof segment === "string").join("");
  if (pinned.length * choices <= maxUncheckedLength) return;
  const { length } = await handle.tokenize(pinned);
  const { context } = handle.info;
  if (length <= context) return;
  const message = `Cannot infill as the context has ${context} positions: found pinned text of ${length} tokens`;
  throw new ApiError(400, "context_length_exceeded", message);
}

function segmentsOf(info: EngineInfo, { segments, text, hole }: InfillBody): readonly InfillSegment[] {
  if (segments) {
    if (text !== undefined || hole) refuse("segments", "'segments' cannot be combined with 'text' or 'hole'");
    return segments.map((segment) =>
      typeof segment === "object" && !Array.isArray(segment)
        ? (omitNullish(segment) as InfillSegment)
        : segment,
    );
  }
  if (text === undefined || !hole) refuse("segments", "it needs 'segments', 'text' with 'hole', or 'draft'");
  return segmentsOfMarkedText(info, text, hole);
}

type Hole = NonNullable<InfillBody["hole"]>;

/** Splits text into pinned text and a hole for each marker. @throws ApiError once the holes exceed the context */
function segmentsOfMarkedText({ context }: EngineInfo, text: string, hole: Hole): readonly InfillSegment[] {
  const { marker, ...lengths } = hole;
  const segment = omitNullish(lengths) as InfillSegment;
  const positions = "length" in lengths ? lengths.length : lengths.maximum;
  const segments: InfillSegment[] = [];
  let [start, holes] = [0, 0];
  for (let end = text.indexOf(marker); end >= 0; end = text.indexOf(marker, start)) {
    if (++holes * positions > context) throw tooManyHoles(context, positions);
    if (end > start) segments.push(text.slice(start, end));
    segments.push(segment);
    start = end + marker.length;
  }
  return start < text.length ? [...segments, text.slice(start)] : segments;
}

function tooManyHoles(context: number, positions: number): ApiError {
  const message = `Cannot infill as the context has ${context} positions: found too many markers in 'text', with ${positions} positions each`;
  return new ApiError(400, "context_length_exceeded", message, { param: "text" });
}
