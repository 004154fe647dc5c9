/** Bodies that came compressed: which encodings are inflated, and how far. */
import { ApiError } from "../apiError.ts";
import { GrowingBytes } from "./growingBytes.ts";

/** Content codings, and what DecompressionStream calls them. */
const formats: Readonly<Record<string, CompressionFormat>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
};

/**
 * The format that a body with this `Content-Encoding` is inflated from; undefined where it is not compressed.
 * @throws ApiError 415 for any other encoding, with those that are read in `Accept-Encoding`
 */
export function compressionOf(contentEncoding: string | null): CompressionFormat | undefined {
  const encoding = (contentEncoding ?? "").trim().toLowerCase();
  if (encoding === "" || encoding === "identity") return undefined;
  if (Object.hasOwn(formats, encoding)) return formats[encoding];
  const shown = JSON.stringify(encoding.slice(0, 80));
  const message = `Cannot read the request as its Content-Encoding must be gzip or deflate: found ${shown}`;
  // Nobody reads the body.
  const headers = { "accept-encoding": "gzip, deflate", connection: "close" };
  throw new ApiError(415, "unsupported_encoding", message, { headers });
}

/**
 * Inflates bytes, and no further than the limit, however much they would grow to.
 * @throws ApiError 413 if there are more, 400 if the bytes are not of the format
 */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  format: CompressionFormat,
  maximumBytes: number,
  tooLarge: () => ApiError,
): Promise<Uint8Array<ArrayBuffer>> {
  const inflated = new GrowingBytes(maximumBytes);
  try {
    // Leaving the loop cancels the stream, so what is not wanted is not inflated.
    for await (const piece of new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format)))
      if (!inflated.add(piece)) throw tooLarge();
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    const message = `Cannot read the request as its body must be ${format} as its Content-Encoding says`;
    throw new ApiError(400, "invalid_encoding", message, { cause });
  }
  return inflated.bytes;
}
