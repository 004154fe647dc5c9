/** One file behind a URL, read by ranges. */
import { DiffusionError, throwIfAborted } from "../core/error.ts";
import type { ByteSource } from "../core/weights/source.ts";
import { addressName, discard, type HttpRequest, readBody, request, type UrlOptions } from "./http.ts";
import { contentLength, contentRange, entityTag } from "./httpHeaders.ts";
import { assertRange } from "./range.ts";

/** A server without ranges sends the whole file every time; up to this size it is fetched once and kept. */
const LARGEST_WHOLE_BYTES = 64 * 2 ** 20;

/** What the first request tells about a file. */
interface Facts {
  readonly size: number;
  readonly etag: string | undefined;
  /** The file itself, if the server sent all of it. */
  readonly whole?: Uint8Array;
}

/**
 * Opens a file with a request for its first byte. A HEAD would do as well, but its length is that of the compressed
 * body where a server compresses; ranges are never compressed.
 * @param expected bytes, where something else has told its size
 * @throws DiffusionError `not-found`; `io` also if the file is larger than 64 MiB and the server has no ranges, or of
 *   another size than expected; `aborted`
 */
export async function openUrlFile(
  address: URL,
  options: UrlOptions,
  signal: AbortSignal | undefined,
  expected?: number,
): Promise<UrlFile> {
  const first = await request({ address, range: "bytes=0-0", signal }, options, async (response) => {
    const etag = entityTag(response);
    if (response.status === 200) {
      const whole = await wholeBody(response, address);
      return { size: whole.length, etag, whole };
    }
    const size = contentRange(response)?.total;
    await discard(response);
    return { size, etag };
  });
  const size = first.size ?? (await sizeByHead({ address, signal }, options));
  if (size !== (expected ?? size)) {
    const name = addressName(address);
    throw new DiffusionError("io", `Cannot read '${name}' as it must have ${expected} bytes: found ${size}`);
  }
  return new UrlFile(address, options, { ...first, size });
}

/** A file behind a URL; `openUrlFile` makes it. */
export class UrlFile implements ByteSource {
  readonly name: string;
  readonly size: number;
  /** The version that is read; undefined where the server does not tell. */
  readonly etag: string | undefined;
  readonly #address: URL;
  readonly #options: UrlOptions;
  readonly #whole: Uint8Array | undefined;

  constructor(address: URL, options: UrlOptions, { size, etag, whole }: Facts) {
    this.name = addressName(address);
    this.size = size;
    this.#address = address;
    this.#options = options;
    this.etag = etag;
    this.#whole = whole;
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal, `read '${this.name}'`);
    assertRange(this.name, this.size, offset, length);
    if (this.#whole) return this.#whole.slice(offset, offset + length);
    if (length === 0) return new Uint8Array();
    const range = `bytes=${offset}-${offset + length - 1}`;
    return request({ address: this.#address, range, signal }, this.#options, (response) =>
      this.#receive(response, offset, length),
    );
  }

  async #receive(response: Response, offset: number, length: number): Promise<Uint8Array> {
    await this.#assertUnchanged(response);
    // A server may answer a range that is the whole file with 200.
    const isAsked =
      response.status === 206
        ? (contentRange(response)?.start ?? offset) === offset
        : response.status === 200 && offset === 0 && length === this.size;
    if (!isAsked) {
      await discard(response);
      throw this.#error("the server must send the range that was asked for", `status ${response.status}`);
    }
    const bytes = await readBody(response, length);
    if (!bytes) throw this.#error(`the server must send ${length} bytes from ${offset} on`, "more");
    // Not a DiffusionError: connections break off, so this is worth another try.
    if (bytes.length < length) throw new Error(`${bytes.length} of ${length} bytes`);
    return bytes;
  }

  /** Chunks of two versions of a file must not become one tensor. */
  async #assertUnchanged(response: Response): Promise<void> {
    const etag = entityTag(response);
    const total = contentRange(response)?.total;
    const sameTag = etag === undefined || this.etag === undefined || etag === this.etag;
    if (sameTag && (total === undefined || total === this.size)) return;
    await discard(response);
    throw this.#error(
      "it changed on the server while it was read",
      sameTag ? `${total} bytes` : `ETag ${etag}`,
    );
  }

  #error(why: string, value: string): DiffusionError {
    return new DiffusionError("io", `Cannot read '${this.name}' as ${why}: found ${value}`);
  }
}

async function wholeBody(response: Response, address: URL): Promise<Uint8Array> {
  const claimed = contentLength(response);
  const encoded = response.headers.has("content-encoding");
  const bytes =
    (claimed ?? 0) > LARGEST_WHOLE_BYTES ? undefined : await readBody(response, LARGEST_WHOLE_BYTES);
  if (!bytes) {
    if (!response.bodyUsed) await discard(response);
    throw new DiffusionError(
      "io",
      `Cannot read '${addressName(address)}' as the server ignores byte ranges and the file has more than ${LARGEST_WHOLE_BYTES} bytes: found ${claimed ?? "a longer body"}`,
    );
  }
  if (!encoded && claimed !== undefined && bytes.length !== claimed) {
    throw new Error(`${bytes.length} of ${claimed} bytes`);
  }
  return bytes;
}

/** For pages, to which another origin may hide Content-Range but never Content-Length. */
async function sizeByHead(target: HttpRequest, options: UrlOptions): Promise<number> {
  const size = await request({ ...target, method: "HEAD" }, options, async (response) =>
    contentLength(response),
  );
  if (size === undefined) {
    throw new DiffusionError(
      "io",
      `Cannot read '${addressName(target.address)}' as the server must tell its size: found neither Content-Range nor Content-Length`,
    );
  }
  return size;
}
