/**
 * Probes a web server for files by name, as HTTP has no listing. Results are kept for a minute, so listing and opening a
 * model's files takes one request a file. The request also reads the start of the file, which is all of a small file.
 */
import { DiffusionError } from "../core/error.ts";
import type { UrlOptions } from "./http.ts";
import { openUrlFile, type UrlFile, urlFileIfSmall } from "./urlFile.ts";

/** The file that every model has. A client that may read it may read the other files too. */
export const configFile = "config.json";
/** Bytes that a probe reads from the start of a file: most files except weights are smaller. */
const headBytes = 2 ** 16;
/** A server without ranges sends the whole file. Up to this size it is kept in memory. */
const maxWholeBytes = 2 ** 20;
/** An older result is not used, as the file may have changed. */
const maxAgeMs = 60_000;

export class UrlProbes {
  readonly #addressOf: (name: string) => URL;
  readonly #options: UrlOptions;
  readonly #results = new Map<string, { readonly result: UrlFile | DiffusionError; readonly ms: number }>();
  #configExists = false;

  constructor(addressOf: (name: string) => URL, options: UrlOptions) {
    this.#addressOf = addressOf;
    this.#options = options;
  }

  /** Forgets all results. */
  clear(): void {
    this.#results.clear();
  }

  /** Whether the file exists. @throws DiffusionError `io`, `aborted` */
  async has(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const file = await urlFileIfSmall(this.#addressOf(name), this.#options, signal, {
        headBytes,
        wholeBytes: maxWholeBytes,
        refusedIsAbsent: this.#refusedIsAbsent(name, signal),
      });
      if (file) this.#keep(name, file);
      if (name === configFile) this.#configExists = true;
      return true;
    } catch (error) {
      if (!(error instanceof DiffusionError) || error.code !== "not-found") throw error;
      this.#keep(name, error);
      return false;
    }
  }

  /** @throws DiffusionError `not-found`, `io`, `aborted` */
  async open(name: string, signal: AbortSignal | undefined): Promise<UrlFile> {
    const { result, ms = -Infinity } = this.#results.get(name) ?? {};
    if (result && ms > performance.now() - maxAgeMs) {
      if (result instanceof DiffusionError) throw result;
      return result;
    }
    const refusedIsAbsent = this.#refusedIsAbsent(name, signal);
    return openUrlFile(this.#addressOf(name), this.#options, signal, { refusedIsAbsent });
  }

  #keep(name: string, result: UrlFile | DiffusionError): void {
    this.#results.set(name, { result, ms: performance.now() });
  }

  /**
   * Storage buckets without permission to list answer 403 (S3) or 401 for files that do not exist. If config.json can be
   * read with the same headers, such a status means that the file does not exist.
   */
  #refusedIsAbsent(name: string, signal: AbortSignal | undefined): (() => Promise<boolean>) | undefined {
    if (name === configFile) return undefined;
    return async () => {
      if (this.#configExists) return true;
      try {
        return await this.has(configFile, signal);
      } catch (error) {
        if (error instanceof DiffusionError && error.code === "io") return false;
        throw error;
      }
    };
  }
}
