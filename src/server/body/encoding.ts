/** Decompression of request bodies. */
import { ApiError } from "../apiError.ts";
import { GrowingBytes } from "./growingBytes.ts";

/** The formats of DecompressionStream by content coding. */
const formats: Readonly<Record<string, CompressionFormat>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
};

/**
 * The compression format of a `Content-Encoding` header; undefined if the body is not compressed.
 * @throws ApiError 415 for an unsupported encoding, with the supported ones in the header `Accept-Encoding`
 */
export function compressionOf(contentEncoding: string | null): CompressionFormat | undefined {
  const encoding = (contentEncoding ?? "").trim().toLowerCase();
  if (encoding === "" || encoding === "identity") return undefined;
  if (Object.hasOwn(formats, encoding)) return formats[encoding];
  const shown = JSON.stringify(encoding.slice(0, 80));
  const message = `Cannot read the request as its Content-Encoding must be gzip or deflate: found ${shown}`;
  // The body stays unread, so the connection cannot be used again.
  const headers = { "accept-encoding": "gzip, deflate", connection: "close" };
  throw new ApiError(415, "unsupported_encoding", message, { headers });
}

/**
 * Decompresses bytes, and stops at the limit.
 * @throws ApiError 413 if the decompressed body is larger than the limit; 400 if the bytes are not in the format
 */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  format: CompressionFormat,
  maxBytes: number,
  tooLarge: () => ApiError,
): Promise<Uint8Array<ArrayBuffer>> {
  const inflated = new GrowingBytes(maxBytes);
  try {
    // Leaving the loop cancels the stream, so nothing beyond the limit is decompressed.
    for await (const piece of new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format)))
      if (!inflated.add(piece)) throw tooLarge();
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    const message = `Cannot read the request as its body is not ${format}, which its Content-Encoding declares`;
    throw new ApiError(400, "invalid_encoding", message, { cause });
  }
  return inflated.bytes;
}
