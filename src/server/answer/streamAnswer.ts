/** A response that is a stream of frames, made of the parts of a generation. */
import { apiErrorOf } from "../apiError.ts";
import type { AppContext, Observation } from "../observer.ts";
import { frame, sseResponse, within } from "./sse.ts";

export interface StreamedAnswer<Part> {
  readonly framesOf: (part: Part) => Iterable<string>;
  /** The frames after the last part; `[DONE]` follows. */
  readonly last: () => Iterable<string>;
  /** Aborted when the client disconnects, or when the stream has ended. */
  readonly leaving: AbortController;
  /** Interval of the comments that the stream sends while it has no parts. */
  readonly heartbeatMs: number;
}

/**
 * How long a stream waits for its first part before its status is sent. An error within this time has its own status; a
 * later one, for example after a wait in the queue, becomes an event of the stream.
 */
const firstPartMs = 1000;

/** @throws the error of the parts, if they fail before their first one */
export async function streamAnswer<Part>(
  { var: { observation } }: AppContext,
  parts: AsyncGenerator<Part, void, undefined>,
  answer: StreamedAnswer<Part>,
): Promise<Response> {
  const first = parts.next();
  try {
    await within(first, firstPartMs);
  } catch (error) {
    answer.leaving.abort();
    throw error;
  }
  observation.noteStream();
  return sseResponse(frames(observation, first, parts, answer), {
    heartbeatMs: answer.heartbeatMs,
    onCancel: () => {
      answer.leaving.abort();
      observation.noteAbort();
      observation.end(200);
    },
  });
}

async function* frames<Part>(
  observation: Observation,
  first: Promise<IteratorResult<Part, void>>,
  parts: AsyncGenerator<Part, void, undefined>,
  { framesOf, last, leaving }: StreamedAnswer<Part>,
): AsyncGenerator<string, void, undefined> {
  try {
    for (let next = await first; !next.done; next = await parts.next()) yield* framesOf(next.value);
    yield* last();
    yield frame("[DONE]");
  } catch (error) {
    const apiError = apiErrorOf(error);
    if (apiError.status === 499) observation.noteAbort();
    observation.note({ errorCode: apiError.code });
    yield frame(apiError.body);
  } finally {
    leaving.abort();
    parts.return().catch(() => {});
    observation.end(200);
  }
}
