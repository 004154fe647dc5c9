/**
 * Files at an address that are asked for by name, as HTTP has no listing. What was asked a moment ago is not asked again:
 * listing and opening a model's files takes one request a file, and small files come whole with it.
 */
import { DiffusionError } from "../core/error.ts";
import type { UrlOptions } from "./http.ts";
import { openUrlFile, type UrlFile, urlFileIfSmall } from "./urlFile.ts";

/** The file that every model has: whoever may read it may read the others. */
export const CONFIG_FILE = "config.json";
/** The start of a file that comes with the question whether it is there: most files but weights are smaller. */
const HEAD_BYTES = 2 ** 16;
/** A server without ranges sends the whole file instead; up to this size it is kept. */
const KEPT_WHOLE_BYTES = 2 ** 20;
/** A file that is opened later than this after the listing may have changed, and is asked for again. */
const KEPT_MS = 60_000;

export class UrlProbes {
  readonly #addressOf: (name: string) => URL;
  readonly #options: UrlOptions;
  readonly #answers = new Map<string, { readonly answer: UrlFile | DiffusionError; readonly ms: number }>();
  #configIsThere = false;

  constructor(addressOf: (name: string) => URL, options: UrlOptions) {
    this.#addressOf = addressOf;
    this.#options = options;
  }

  /** Forgets what was asked before. */
  clear(): void {
    this.#answers.clear();
  }

  /** Asks whether there is such a file. @throws DiffusionError `io`, `aborted` */
  async has(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const file = await urlFileIfSmall(this.#addressOf(name), this.#options, signal, {
        headBytes: HEAD_BYTES,
        wholeBytes: KEPT_WHOLE_BYTES,
        refusedIsAbsent: this.#refusedIsAbsent(name, signal),
      });
      if (file) this.#keep(name, file);
      if (name === CONFIG_FILE) this.#configIsThere = true;
      return true;
    } catch (error) {
      if (!(error instanceof DiffusionError) || error.code !== "not-found") throw error;
      this.#keep(name, error);
      return false;
    }
  }

  /** @throws DiffusionError `not-found`, `io`, `aborted` */
  async open(name: string, signal: AbortSignal | undefined): Promise<UrlFile> {
    const { answer, ms = -Infinity } = this.#answers.get(name) ?? {};
    if (answer && ms > performance.now() - KEPT_MS) {
      if (answer instanceof DiffusionError) throw answer;
      return answer;
    }
    const refusedIsAbsent = this.#refusedIsAbsent(name, signal);
    return openUrlFile(this.#addressOf(name), this.#options, signal, { refusedIsAbsent });
  }

  #keep(name: string, answer: UrlFile | DiffusionError): void {
    this.#answers.set(name, { answer, ms: performance.now() });
  }

  /**
   * Buckets that do not let their reader list them answer 403 for what is not there (S3; others 401). Such an answer says
   * that a file is missing where the configuration can be read with the same headers.
   */
  #refusedIsAbsent(name: string, signal: AbortSignal | undefined): (() => Promise<boolean>) | undefined {
    if (name === CONFIG_FILE) return undefined;
    return async () => {
      if (this.#configIsThere) return true;
      try {
        return await this.has(CONFIG_FILE, signal);
      } catch (error) {
        if (error instanceof DiffusionError && error.code === "io") return false;
        throw error;
      }
    };
  }
}
