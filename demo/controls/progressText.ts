/** How far loading is, in words. */
import type { LoadProgress } from "../../src/core/index.ts";
import { bytesText, durationText } from "./units.ts";

const stages = {
  download: "Downloading",
  weights: "Moving weights to the device",
  compile: "Compiling kernels",
};

/** @param progress undefined before the first report, while files are opened */
export function progressText(progress: LoadProgress | undefined): string {
  if (!progress) return "Opening files";
  const { stage, loadedBytes, totalBytes, bytesPerSecond, secondsLeft, compiledCount, pipelineCount } =
    progress;
  if (stage === "compile") return `${stages[stage]}: ${compiledCount ?? 0} of ${pipelineCount ?? 0}`;
  const bytes = `${bytesText(loadedBytes)} of ${bytesText(totalBytes)}`;
  const rate = bytesPerSecond > 0 ? `, ${bytesText(bytesPerSecond)}/s` : "";
  const left = secondsLeft === undefined ? "" : `, ${durationText(1000 * secondsLeft)} left`;
  return `${stages[stage]}: ${bytes}${rate}${left}`;
}

/** From 0 to 1, of the present stage. */
export function shareOf(progress: LoadProgress | undefined): number {
  if (!progress) return 0;
  const { loadedBytes, totalBytes, compiledCount, pipelineCount } = progress;
  return compiledCount === undefined
    ? loadedBytes / Math.max(1, totalBytes)
    : compiledCount / Math.max(1, pipelineCount ?? 0);
}
