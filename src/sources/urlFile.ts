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
  /** The file's first bytes, as far as they came with the answer; all of it if the server sent all of it. */
  readonly head: Uint8Array;
}

interface FirstRequest {
  /** How much of the file's start is wanted at once; none if absent. */
  readonly headBytes?: number;
  /** The largest file that is taken from a server that sends all of it. */
  readonly wholeBytes?: number;
  /** As in HttpRequest. */
  readonly refusedIsAbsent?: HttpRequest["refusedIsAbsent"];
}

interface OpenOptions extends Pick<FirstRequest, "refusedIsAbsent"> {
  /** The file's bytes, where something else has told its size. */
  readonly expected?: number;
}

/**
 * Opens a file with a request for its first byte. A HEAD would do as well, but its length is that of the compressed
 * body where a server compresses; ranges are never compressed.
 * @throws DiffusionError `not-found`; `io` also if the file is larger than 64 MiB and the server has no ranges, or of
 *   another size than expected; `aborted`
 */
export async function openUrlFile(
  address: URL,
  options: UrlOptions,
  signal: AbortSignal | undefined,
  { expected, refusedIsAbsent }: OpenOptions = {},
): Promise<UrlFile> {
  const facts = await ask(address, options, signal, { refusedIsAbsent });
  const name = addressName(address);
  if ("tooLarge" in facts) {
    const why = `the server ignores byte ranges and the file has more than ${LARGEST_WHOLE_BYTES} bytes`;
    throw new DiffusionError("io", `Cannot read '${name}' as ${why}: found ${facts.tooLarge}`);
  }
  if (facts.size !== (expected ?? facts.size)) {
    throw new DiffusionError(
      "io",
      `Cannot read '${name}' as it must have ${expected} bytes: found ${facts.size}`,
    );
  }
  return new UrlFile(address, options, facts);
}

/**
 * As `openUrlFile`, with the start of the file.
 * @returns undefined for a file that is there, but could be had only as a whole and is larger than `wholeBytes`
 */
export async function urlFileIfSmall(
  address: URL,
  options: UrlOptions,
  signal: AbortSignal | undefined,
  first: FirstRequest,
): Promise<UrlFile | undefined> {
  const facts = await ask(address, options, signal, first);
  return "tooLarge" in facts ? undefined : new UrlFile(address, options, facts);
}

/** A whole file that is larger than wanted: its size, or that it is not known. */
interface TooLarge {
  readonly tooLarge: number | string;
}
type FirstAnswer = TooLarge | (Omit<Facts, "size"> & { readonly size: number | undefined });

async function ask(
  address: URL,
  options: UrlOptions,
  signal: AbortSignal | undefined,
  { headBytes = 0, wholeBytes = LARGEST_WHOLE_BYTES, refusedIsAbsent }: FirstRequest,
): Promise<Facts | TooLarge> {
  const range = `bytes=0-${Math.max(1, headBytes) - 1}`;
  const message: HttpRequest = { address, range, signal, refusedIsAbsent };
  const first = await request(message, options, async (response): Promise<FirstAnswer> => {
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

/** A file behind a URL; `openUrlFile` makes it. */
export class UrlFile implements ByteSource {
  readonly name: string;
  readonly size: number;
  /** The version that is read; undefined where the server does not tell. */
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

/** @returns undefined if it has more bytes than the limit */
async function wholeBody(response: Response, limit: number): Promise<Uint8Array | undefined> {
  const claimed = contentLength(response);
  const encoded = response.headers.has("content-encoding");
  const bytes = (claimed ?? 0) > limit ? undefined : await readBody(response, limit);
  if (!response.bodyUsed) await discard(response);
  // Not a DiffusionError: connections break off, so this is worth another try.
  if (bytes && !encoded && claimed !== undefined && bytes.length !== claimed)
    throw new Error(`${bytes.length} of ${claimed} bytes`);
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
