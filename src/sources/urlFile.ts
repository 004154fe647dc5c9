/** One file on a web server, read by ranges. */
import { DiffusionError, throwIfAborted } from "../core/error.ts";
import type { ByteSource } from "../core/weights/source.ts";
import { addressName, discard, type HttpRequest, readBody, request, type UrlOptions } from "./http.ts";
import { contentLength, contentRange, entityTag } from "./httpHeaders.ts";
import { assertRange } from "./range.ts";

/** A server without ranges sends the whole file. Up to this size the file is fetched once and kept in memory. */
const maxWholeBytes = 64 * 2 ** 20;

/** Facts about a file from the first request. */
interface Facts {
  readonly size: number;
  readonly etag: string | undefined;
  /** The first bytes of the file from the response; the whole file if the server sent the whole file. */
  readonly head: Uint8Array;
}

interface FirstRequest {
  /** How many bytes of the file's start to read with the first request. Default: none. */
  readonly headBytes?: number;
  /** The largest file that is accepted from a server without ranges. */
  readonly wholeBytes?: number;
  /** As in HttpRequest. */
  readonly refusedIsAbsent?: HttpRequest["refusedIsAbsent"];
}

interface OpenOptions extends Pick<FirstRequest, "refusedIsAbsent"> {
  /** The size that the file must have, if it is known. */
  readonly expectedBytes?: number;
}

/**
 * Opens a file with a request for its first byte. A HEAD request would report the length of the compressed body if the
 * server compresses; ranges are never compressed.
 * @throws DiffusionError `not-found`; `io`, also if the file is larger than 64 MiB and the server has no ranges, or the
 *   size is not `expectedBytes`; `aborted`
 */
export async function openUrlFile(
  address: URL,
  options: UrlOptions,
  signal: AbortSignal | undefined,
  { expectedBytes, refusedIsAbsent }: OpenOptions = {},
): Promise<UrlFile> {
  const facts = await requestFacts(address, options, signal, { refusedIsAbsent });
  const name = addressName(address);
  if ("tooLarge" in facts) {
    const why = `the server ignores byte ranges and the file has more than ${maxWholeBytes} bytes`;
    throw new DiffusionError("io", `Cannot read '${name}' as ${why}: found ${facts.tooLarge}`);
  }
  if (facts.size !== (expectedBytes ?? facts.size)) {
    throw new DiffusionError(
      "io",
      `Cannot read '${name}' as it must have ${expectedBytes} bytes: found ${facts.size}`,
    );
  }
  return new UrlFile(address, options, facts);
}

/**
 * As `openUrlFile`, and reads the start of the file too.
 * @returns undefined for a file that exists, is larger than `wholeBytes`, and is on a server without ranges
 */
export async function urlFileIfSmall(
  address: URL,
  options: UrlOptions,
  signal: AbortSignal | undefined,
  first: FirstRequest,
): Promise<UrlFile | undefined> {
  const facts = await requestFacts(address, options, signal, first);
  return "tooLarge" in facts ? undefined : new UrlFile(address, options, facts);
}

/** A file that the server sends as a whole and that is too large: its size, or a text if the size is unknown. */
interface TooLarge {
  readonly tooLarge: number | string;
}
type FirstResponse = TooLarge | (Omit<Facts, "size"> & { readonly size: number | undefined });

async function requestFacts(
  address: URL,
  options: UrlOptions,
  signal: AbortSignal | undefined,
  { headBytes = 0, wholeBytes = maxWholeBytes, refusedIsAbsent }: FirstRequest,
): Promise<Facts | TooLarge> {
  const range = `bytes=0-${Math.max(1, headBytes) - 1}`;
  const message: HttpRequest = { address, range, signal, refusedIsAbsent };
  const first = await request(message, options, async (response): Promise<FirstResponse> => {
    const etag = entityTag(response);
    if (response.status === 200) {
      const head = await wholeBody(response, wholeBytes);
      if (head) return { size: head.length, etag, head };
      return { tooLarge: contentLength(response) ?? "a longer body" };
    }
    const { total, start = 0 } = contentRange(response) ?? {};
    const wanted = response.status === 206 && headBytes > 0 && start === 0;
    const head = wanted ? await readBody(response, headBytes) : undefined;
    if (!response.bodyUsed) await discard(response);
    return { size: total, etag, head: head ?? new Uint8Array() };
  });
  if ("tooLarge" in first) return first;
  const size = first.size ?? (await sizeByHead({ address, signal }, options));
  return { size, etag: first.etag, head: first.head };
}

/** A file on a web server, made by `openUrlFile`. */
export class UrlFile implements ByteSource {
  readonly name: string;
  readonly size: number;
  /** The version of the file; undefined if the server sends no ETag. */
  readonly etag: string | undefined;
  readonly #address: URL;
  readonly #options: UrlOptions;
  readonly #head: Uint8Array;

  constructor(address: URL, options: UrlOptions, { size, etag, head }: Facts) {
    this.name = addressName(address);
    this.size = size;
    this.#address = address;
    this.#options = options;
    this.etag = etag;
    this.#head = head;
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal, `read '${this.name}'`);
    assertRange(this.name, this.size, offset, length);
    if (length === 0) return new Uint8Array();
    if (offset + length <= this.#head.length) return this.#head.slice(offset, offset + length);
    const range = `bytes=${offset}-${offset + length - 1}`;
    return request({ address: this.#address, range, signal }, this.#options, (response) =>
      this.#receive(response, offset, length),
    );
  }

  async #receive(response: Response, offset: number, length: number): Promise<Uint8Array> {
    await this.#assertUnchanged(response);
    // A server may answer with 200 if the range is the whole file.
    const isRequestedRange =
      response.status === 206
        ? (contentRange(response)?.start ?? offset) === offset
        : response.status === 200 && offset === 0 && length === this.size;
    if (!isRequestedRange) {
      await discard(response);
      throw this.#error("the server must send the requested range", `status ${response.status}`);
    }
    const bytes = await readBody(response, length);
    if (!bytes) throw this.#error(`the server must send ${length} bytes from ${offset} on`, "more");
    // Not a DiffusionError, so that a broken connection is retried.
    if (bytes.length < length) throw new Error(`${bytes.length} of ${length} bytes`);
    return bytes;
  }

  /** Prevents a tensor from being read partly from one version of the file and partly from another. */
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

/** @returns undefined if the body has more than `maxBytes` */
async function wholeBody(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  const claimed = contentLength(response);
  const encoded = response.headers.has("content-encoding");
  const bytes = (claimed ?? 0) > maxBytes ? undefined : await readBody(response, maxBytes);
  if (!response.bodyUsed) await discard(response);
  // Not a DiffusionError, so that a broken connection is retried.
  if (bytes && !encoded && claimed !== undefined && bytes.length !== claimed)
    throw new Error(`${bytes.length} of ${claimed} bytes`);
  return bytes;
}

/** The size from a HEAD request. Browsers may hide Content-Range of another origin from a page, but not Content-Length. */
async function sizeByHead(target: HttpRequest, options: UrlOptions): Promise<number> {
  const size = await request({ ...target, method: "HEAD" }, options, async (response) =>
    contentLength(response),
  );
  if (size === undefined) {
    throw new DiffusionError(
      "io",
      `Cannot read '${addressName(target.address)}' as the server must report its size: found neither Content-Range nor Content-Length`,
    );
  }
  return size;
}
