/** An animated picture of a run, made in a worker. */
import type { Trace } from "../../../src/core/index.ts";
import type { Timeline } from "../../run/index.ts";
import type { Caption, PictureStyle } from "./drawPicture.ts";

export interface PictureRequest {
  readonly trace: Trace;
  readonly timeline: Timeline;
  /** Factor of the timeline's own speed. */
  readonly speed: number;
  readonly caption: Caption;
  readonly style: PictureStyle;
}

export type PictureAnswer =
  | { readonly type: "progress"; readonly share: number }
  | { readonly type: "done"; readonly bytes: Uint8Array<ArrayBuffer> };

interface PictureOptions {
  readonly signal: AbortSignal;
  /** @param share from 0 to 1 */
  readonly onProgress: (share: number) => void;
}

/** @returns a GIF; rejects with the signal's reason when it is aborted */
export function makePicture(request: PictureRequest, { signal, onProgress }: PictureOptions): Promise<Blob> {
  const worker = new Worker(new URL("./pictureWorker.ts", import.meta.url), { type: "module" });
  return new Promise<Blob>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    worker.addEventListener("error", ({ message }) =>
      reject(new Error(`Cannot make the picture: ${message || "the browser did not start its worker"}`)),
    );
    worker.addEventListener("message", ({ data }: MessageEvent<PictureAnswer>) => {
      if (data.type === "progress") onProgress(data.share);
      else resolve(new Blob([data.bytes], { type: "image/gif" }));
    });
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
