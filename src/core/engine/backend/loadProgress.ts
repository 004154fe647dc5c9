import type { DownloadProgress } from "../../weights/index.ts";
import { Pace } from "../../weights/pace.ts";

/**
 * How far loading has come. Stages come in this order: `download`, where the source needs one and something is missing;
 * `weights`; `compile`, where the backend compiles something.
 */
export interface LoadProgress {
  readonly stage: "download" | "weights" | "compile";
  /** Of this stage; in `compile`, those of the weights, all of which are loaded by then. */
  readonly loadedBytes: number;
  readonly totalBytes: number;
  /** Of late; 0 as long as that is not known, and in `compile`. */
  readonly bytesPerSecond: number;
  /** Until the end of this stage, at that rate; absent as long as that is not known. */
  readonly secondsLeft?: number;
  /** In `compile`: pipelines that are compiled, and in all. */
  readonly compiledCount?: number;
  readonly pipelineCount?: number;
}

/** Reports of one stage come no closer than this, but for the first of a stage and the one that completes it. */
const spacingMs = 100;

/** Tells a caller of loading how far it has come, and not more often than a person can read. */
export class LoadReport {
  readonly #tell: ((progress: LoadProgress) => void) | undefined;
  readonly #now: () => number;
  #stage: LoadProgress["stage"] | undefined;
  #pace: Pace;
  #toldMs = 0;
  #weightBytes = 0;

  constructor(
    tell: ((progress: LoadProgress) => void) | undefined,
    now: () => number = () => performance.now(),
  ) {
    this.#tell = tell;
    this.#now = now;
    this.#pace = new Pace(now);
  }

  /** Begins a stage: its rate is counted from now on. */
  begin(stage: LoadProgress["stage"]): void {
    this.#stage = stage;
    this.#pace = new Pace(this.#now);
    this.#toldMs = -Infinity;
  }

  /** Takes what came by now; bytes that did not have to be received again do not count for the rate. */
  bytes({ loadedBytes, totalBytes, receivedBytes }: DownloadProgress): void {
    this.#weightBytes = totalBytes;
    const bytesPerSecond = this.#pace.rate(receivedBytes);
    const left = bytesPerSecond > 0 && { secondsLeft: (totalBytes - loadedBytes) / bytesPerSecond };
    this.#report(loadedBytes === totalBytes, { loadedBytes, totalBytes, bytesPerSecond, ...left });
  }

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
    if (!this.#stage || (!isComplete && ms - this.#toldMs < spacingMs)) return;
    this.#toldMs = ms;
    this.#tell?.({ stage: this.#stage, ...progress });
  }
}
