/** POST /v1/infill */
import type * as z from "zod";
import type { EngineHandle, GenerateRequest, InfillSegment } from "../../core/index.ts";
import { answer } from "../answer/answer.ts";
import { infillFormat } from "../answer/infillFormat.ts";
import { generationRequest, type Prompt, promptTokens, settingsRequest } from "../generation/plan.ts";
import type { AppContext } from "../observer.ts";
import { chatMessages, given, type InfillBody, readJson } from "../schema/index.ts";
import { choicesOf, opened, refuse } from "./generating.ts";
import type { RouteOptions } from "./route.ts";

export async function infill(
  c: AppContext,
  schema: z.ZodType<InfillBody>,
  options: RouteOptions,
): Promise<Response> {
  const { body, handle, job } = opened(c, await readJson(c.req.raw), schema, options);
  const prompt = promptOf(body);
  const request = body.draft ? await draftOf(handle, prompt, body) : await holesOf(handle, prompt, body);
  return answer(c, {
    ...job,
    format: infillFormat,
    ...choicesOf([{ request }], body),
  });
}

function promptOf({ messages, prompt }: InfillBody): Prompt | undefined {
  if (messages && prompt !== undefined)
    refuse("messages", "it must have at most one of 'messages' and 'prompt'");
  return messages ? { messages: chatMessages(messages) } : prompt;
}

/** An answer that is there, of which a part is decided again. */
async function draftOf(
  handle: EngineHandle,
  prompt: Prompt | undefined,
  { draft, segments, text, hole, max_tokens: maxTokens, ...body }: InfillBody,
): Promise<GenerateRequest> {
  if (segments ?? text ?? hole) refuse("draft", "'draft' is a whole answer: it does not go with holes");
  if (prompt === undefined) refuse("draft", "'draft' answers 'messages' or 'prompt', and there is none");
  const tokens = await promptTokens(handle, prompt);
  const draftTokens = await handle.tokenize(draft!.text);
  // Beside a draft that is longer the canvas would not do.
  const most = Math.max(maxTokens ?? 0, draftTokens.length);
  const { maxTokens: _, ...request } = generationRequest(handle.info, tokens, body, { maxTokens: most });
  return { ...request, ...given({ maxTokens }), draft: { tokens: draftTokens, share: draft!.share } };
}

async function holesOf(
  handle: EngineHandle,
  prompt: Prompt | undefined,
  body: InfillBody,
): Promise<GenerateRequest> {
  if (typeof body.max_tokens === "number")
    refuse("max_tokens", "'max_tokens' goes with 'draft' alone: holes have their own lengths");
  if (body.diffusion?.canvas !== undefined)
    refuse("diffusion.canvas", "'diffusion.canvas' goes with 'draft' alone: holes have their own lengths");
  const tokens = prompt === undefined ? {} : { tokens: await promptTokens(handle, prompt) };
  return { ...settingsRequest(body), ...tokens, infill: segmentsOf(body) };
}

function segmentsOf({ segments, text, hole }: InfillBody): readonly InfillSegment[] {
  if (segments) {
    if (text !== undefined || hole)
      refuse("segments", "it must have either 'segments' or 'text' with a 'hole'");
    return segments.map((segment) =>
      typeof segment === "object" && !Array.isArray(segment) ? (given(segment) as InfillSegment) : segment,
    );
  }
  if (text === undefined || !hole)
    refuse("segments", "it must have 'segments', 'text' with a 'hole', or a 'draft'");
  const { marker, ...lengths } = hole;
  const pinned = text.split(marker);
  return pinned.flatMap((each, index): InfillSegment[] => [
    ...(index === 0 ? [] : [given(lengths) as InfillSegment]),
    ...(each === "" ? [] : [each]),
  ]);
}
