import type { DownloadProgress } from "../weights/index.ts";
import { Pace } from "../weights/pace.ts";

/** How far loading has come. A download comes before the weights, where the source needs one. */
export interface LoadProgress {
  readonly stage: "download" | "weights";
  /** Of this stage. */
  readonly loadedBytes: number;
  readonly totalBytes: number;
  /** Of late; 0 as long as that is not known. */
  readonly bytesPerSecond: number;
  /** Until the end of this stage, at that rate; absent as long as that is not known. */
  readonly secondsLeft?: number;
}

/**
 * Tells the progress of a stage, which begins now.
 * @returns takes what came by now; bytes that did not have to be received again do not count for the rate
 */
export function progressTeller(
  stage: LoadProgress["stage"],
  tell: ((progress: LoadProgress) => void) | undefined,
): (progress: DownloadProgress) => void {
  const pace = new Pace();
  return ({ loadedBytes, totalBytes, receivedBytes }) => {
    const bytesPerSecond = pace.rate(receivedBytes);
    const left = bytesPerSecond > 0 && { secondsLeft: (totalBytes - loadedBytes) / bytesPerSecond };
    tell?.({ stage, loadedBytes, totalBytes, bytesPerSecond, ...left });
  };
}
