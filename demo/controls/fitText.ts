/** What a model takes, and whether it fits, in words. */
import type { WebFits } from "../../src/remote/index.ts";
import type { Verdict } from "../engine/fitChoice.ts";
import { bytesText } from "./units.ts";

export function verdictText(
  verdict: Verdict,
  { backend, device }: Pick<WebFits, "backend" | "device">,
): string {
  switch (verdict.kind) {
    case "fits":
      return backend === "webgpu"
        ? `Fits the limits of ${device}. How much memory the GPU has, no browser says.`
        : `Fits. It runs on ${device}.`;
    case "exceeds":
      return `Does not fit: ${withUnits(verdict.why)}.`;
    case "risky":
      return `May not fit: ${verdict.why}. The tab may be closed by the browser.`;
  }
}

/** Numbers of bytes as people read them. */
function withUnits(text: string): string {
  return text.replace(/(\d{4,})( bytes)?/g, (whole, digits: string, unit?: string) =>
    unit || Number(digits) >= 1e6 ? bytesText(Number(digits)) : whole,
  );
}

export function downloadText({
  download,
  checkpointBytes,
}: Pick<WebFits, "download" | "checkpointBytes">): string {
  if (!download) return `none, ${bytesText(checkpointBytes)} are read`;
  const { totalBytes, presentBytes } = download;
  if (totalBytes === 0) return "none, it is kept here";
  if (presentBytes === 0) return bytesText(totalBytes);
  return `${bytesText(totalBytes - presentBytes)} more, ${bytesText(presentBytes)} are kept`;
}

export interface Room {
  readonly isEnough: boolean;
  readonly text: string;
}

/** Whether the browser's storage can keep the download; undefined if nothing is downloaded, or the browser does not say. */
export function roomText(
  { download }: Pick<WebFits, "download">,
  freeBytes: number | undefined,
): Room | undefined {
  if (!download || download.totalBytes === 0 || freeBytes === undefined) return undefined;
  const missing = download.totalBytes - download.presentBytes;
  const isEnough = missing <= freeBytes;
  const text = isEnough
    ? `It is kept in this browser, which has room for ${bytesText(freeBytes)}. An interrupted download goes on later.`
    : `This browser has room for ${bytesText(freeBytes)}, and the download takes ${bytesText(missing)}. Delete kept models first.`;
  return { isEnough, text };
}
