/** A body as JSON, read so that no other request waits long for it. */
import { ApiError } from "../apiError.ts";
import { requireReadable } from "./jsonSize.ts";

/** Bodies above so many bytes let others have a turn between the steps of their reading. */
const longBytes = 2 ** 20;

/** @throws ApiError 400 if the bytes are not JSON in UTF-8, or hold more than is read */
export async function parseJson(bytes: Uint8Array): Promise<unknown> {
  const turn = () => (bytes.length > longBytes ? new Promise((resolve) => setTimeout(resolve)) : undefined);
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
