/** Draws and encodes an animated picture, in a worker of its own: the page goes on meanwhile, and ends it to cancel. */
import { recordTrace } from "../../run/index.ts";
import { ColorTable, type Pixels } from "./colorTable.ts";
import { type Picture, pictureOf } from "./drawPicture.ts";
import { GifPicture } from "./gifPicture.ts";
import type { PictureAnswer, PictureRequest } from "./makePicture.ts";
import { type PictureFrame, type PicturePlan, planPicture } from "./picturePlan.ts";

/** Pixels for each CSS pixel. */
const scale = 2;
/** Frames that the colours are taken from. */
const sampleCount = 12;

addEventListener("message", ({ data }: MessageEvent<PictureRequest>) => {
  const bytes = encode(data, (share) => answer({ type: "progress", share }));
  answer({ type: "done", bytes });
});

function answer(message: PictureAnswer): void {
  postMessage(message);
}

function encode(
  { trace, timeline, speed, caption, style }: PictureRequest,
  onProgress: (share: number) => void,
): Uint8Array<ArrayBuffer> {
  const plan = planPicture(timeline, speed);
  const picture = pictureOf(recordTrace(trace), plan, caption, style);
  const screen = new Screen(picture);
  const table = new ColorTable(samplesOf(plan).map((frame) => screen.draw(frame).pixels));
  const gif = new GifPicture(screen.size, table);
  let last: { readonly frame: number; readonly isMoving: boolean } | undefined;
  for (const [index, frame] of plan.frames.entries()) {
    if (last?.frame === frame.frame && !last.isMoving) gif.hold(frame.durationMs);
    else {
      const { pixels, isMoving } = screen.draw(frame);
      gif.add(pixels, frame.durationMs);
      last = { frame: frame.frame, isMoving };
    }
    onProgress((index + 1) / plan.frames.length);
  }
  return gif.finish();
}

function samplesOf({ frames }: PicturePlan): readonly PictureFrame[] {
  const count = Math.min(sampleCount, frames.length);
  return Array.from({ length: count }, (_, index) => {
    return frames[Math.round((index * (frames.length - 1)) / Math.max(1, count - 1))]!;
  });
}

class Screen {
  readonly size: { readonly width: number; readonly height: number };
  readonly #picture: Picture;
  readonly #context: OffscreenCanvasRenderingContext2D;

  constructor(picture: Picture) {
    this.#picture = picture;
    this.size = { width: Math.round(scale * picture.width), height: Math.round(scale * picture.height) };
    const canvas = new OffscreenCanvas(this.size.width, this.size.height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("Cannot draw as the browser gives no 2D context");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    this.#context = context;
  }

  draw(frame: PictureFrame): { readonly pixels: Pixels; readonly isMoving: boolean } {
    const { width, height } = this.size;
    this.#context.clearRect(0, 0, width, height);
    const isMoving = this.#picture.draw(this.#context, frame);
    return { pixels: new Uint32Array(this.#context.getImageData(0, 0, width, height).data.buffer), isMoving };
  }
}
