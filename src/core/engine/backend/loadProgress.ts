import type { DownloadProgress } from "../../weights/index.ts";
import { Pace } from "../../weights/pace.ts";

/**
 * Progress of loading. The stages, in order: `download`, if the source has files to download; `weights`; `compile`, if the
 * backend compiles pipelines.
 */
export interface LoadProgress {
  readonly stage: "download" | "weights" | "compile";
  /** Bytes of this stage. In the stage `compile`, both are the bytes of the weights, which are loaded by then. */
  readonly loadedBytes: number;
  readonly totalBytes: number;
  /** The recent rate; 0 until it is known, and in the stage `compile`. */
  readonly bytesPerSecond: number;
  /** Time to the end of this stage at the recent rate; absent until the rate is known. */
  readonly secondsLeft?: number;
  /** Stage `compile` only: the number of compiled pipelines and of all pipelines. */
  readonly compiledCount?: number;
  readonly pipelineCount?: number;
}

/** Minimum time between two reports of a stage. The first and the last report of a stage are exempt. */
const minIntervalMs = 100;

/** Reports the progress of loading to the caller, no more often than a person can read. */
export class LoadReport {
  readonly #onProgress: ((progress: LoadProgress) => void) | undefined;
  readonly #now: () => number;
  #stage: LoadProgress["stage"] | undefined;
  #pace: Pace;
  #reportedMs = 0;
  #weightBytes = 0;

  constructor(
    onProgress: ((progress: LoadProgress) => void) | undefined,
    now: () => number = () => performance.now(),
  ) {
    this.#onProgress = onProgress;
    this.#now = now;
    this.#pace = new Pace(now);
  }

  /** Begins a stage. Its rate is measured from now on. */
  begin(stage: LoadProgress["stage"]): void {
    this.#stage = stage;
    this.#pace = new Pace(this.#now);
    this.#reportedMs = -Infinity;
  }

  /** Records the bytes so far. Bytes that were already present do not count towards the rate. */
  bytes({ loadedBytes, totalBytes, receivedBytes }: DownloadProgress): void {
    this.#weightBytes = totalBytes;
    const bytesPerSecond = this.#pace.rate(receivedBytes);
    const left = bytesPerSecond > 0 && { secondsLeft: (totalBytes - loadedBytes) / bytesPerSecond };
    this.#report(loadedBytes === totalBytes, { loadedBytes, totalBytes, bytesPerSecond, ...left });
  }

  /** Records the number of compiled pipelines. */
  compiled(compiledCount: number, pipelineCount: number): void {
    const bytes = this.#weightBytes;
    this.#report(compiledCount === pipelineCount, {
      loadedBytes: bytes,
      totalBytes: bytes,
      bytesPerSecond: 0,
      compiledCount,
      pipelineCount,
    });
  }

  #report(isComplete: boolean, progress: Omit<LoadProgress, "stage">): void {
    const ms = this.#now();
    if (!this.#stage || (!isComplete && ms - this.#reportedMs < minIntervalMs)) return;
    this.#reportedMs = ms;
    this.#onProgress?.({ stage: this.#stage, ...progress });
  }
}
