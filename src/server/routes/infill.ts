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
import { chatMessages, given, type InfillBody, type OpenSchema, unlimitedTokens } from "../schema/index.ts";
import { choicesOf, opened, refuse } from "./generating.ts";
import type { RouteOptions } from "./route.ts";

export async function infill(
  c: AppContext,
  schema: OpenSchema<InfillBody>,
  options: RouteOptions,
): Promise<Response> {
  const { body, handle, job } = await opened(c, schema, options);
  const prompt = promptOf(body);
  const request = body.draft ? await draftOf(handle, prompt, body) : await holesOf(handle, prompt, body);
  return answer(c, {
    ...job,
    format: infillFormat,
    ...choicesOf(handle.info, [{ request }], body),
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
  const draftTokens = await textTokens(handle, draft!.text);
  // Beside a draft that is longer the canvas would not do.
  const request = generationRequest(handle.info, tokens, body, given({ maxTokens }));
  const genLength = Math.max(request.genLength!, draftTokens.length);
  return { ...request, genLength, draft: { tokens: draftTokens, remaskFraction: draft!.remask_fraction } };
}

async function holesOf(
  handle: EngineHandle,
  prompt: Prompt | undefined,
  body: InfillBody,
): Promise<GenerateRequest> {
  if (typeof body.max_tokens === "number" && body.max_tokens !== unlimitedTokens)
    refuse("max_tokens", "'max_tokens' goes with 'draft' alone: holes have their own lengths");
  if (body.diffusion?.canvas !== undefined)
    refuse("diffusion.canvas", "'diffusion.canvas' goes with 'draft' alone: holes have their own lengths");
  const tokens = prompt === undefined ? {} : { tokens: await promptTokens(handle, prompt) };
  const infill = segmentsOf(handle.info, body);
  await requirePinned(handle, infill, body.n ?? 1);
  return { ...settingsRequest(body), ...tokens, infill };
}

/** Characters of pinned text that all choices together may take to the engine before it is known to fit. */
const mostUnknown = 2 ** 23;

/** Every choice takes its own copy of the pinned text along. @throws ApiError for text that does not fit the context */
async function requirePinned(
  handle: EngineHandle,
  segments: readonly InfillSegment[],
  choices: number,
): Promise<void> {
  const pinned = segments.filter((segment) => typeof segment === "string").join("");
  if (pinned.length * choices <= mostUnknown) return;
  const { length } = await handle.tokenize(pinned);
  const { context } = handle.info;
  if (length <= context) return;
  const message = `Cannot infill as the context has ${context} positions: found ${length} of pinned text`;
  throw new ApiError(400, "context_length_exceeded", message);
}

function segmentsOf(info: EngineInfo, { segments, text, hole }: InfillBody): readonly InfillSegment[] {
  if (segments) {
    if (text !== undefined || hole)
      refuse("segments", "it must have either 'segments' or 'text' with a 'hole'");
    return segments.map((segment) =>
      typeof segment === "object" && !Array.isArray(segment) ? (given(segment) as InfillSegment) : segment,
    );
  }
  if (text === undefined || !hole)
    refuse("segments", "it must have 'segments', 'text' with a 'hole', or a 'draft'");
  return marked(info, text, hole);
}

type Hole = NonNullable<InfillBody["hole"]>;

/** Pinned text and a hole for each marker. @throws ApiError as soon as the holes do not fit the context */
function marked({ context }: EngineInfo, text: string, hole: Hole): readonly InfillSegment[] {
  const { marker, ...lengths } = hole;
  const segment = given(lengths) as InfillSegment;
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
  const message = `Cannot infill as the context has ${context} positions: found more markers in 'text', of ${positions} each`;
  return new ApiError(400, "context_length_exceeded", message, { param: "text" });
}
