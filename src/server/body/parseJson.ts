/** Parses a JSON body without blocking other requests for long. */
import { ApiError } from "../apiError.ts";
import { requireReadable } from "./jsonSize.ts";

/** Bodies above this size give the event loop a turn between the steps of parsing. */
const yieldAboveBytes = 2 ** 20;

/** @throws ApiError 400 if the bytes are not JSON in UTF-8, or exceed a limit of values */
export async function parseJson(bytes: Uint8Array): Promise<unknown> {
  const turn = () =>
    bytes.length > yieldAboveBytes ? new Promise((resolve) => setTimeout(resolve)) : undefined;
  requireReadable(bytes);
  await turn();
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    await turn();
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `Cannot read the request as its body must be JSON in UTF-8: ${reason}`;
    throw new ApiError(400, "invalid_json", message, { cause });
  } finally {
    await turn();
  }
}
