import { expect, test } from "vitest";
import { ColorTable, type Pixels } from "./colorTable.ts";
import { GifPicture } from "./gifPicture.ts";

const white = 0xffffffff;
const black = 0xff000000;
const size = { width: 4, height: 2 };

function pixelsOf(...pixels: number[]): Pixels {
  return Uint32Array.from({ length: 8 }, (_, index) => pixels[index] ?? white);
}

/** The durations of a GIF's frames in ms, and whether each is transparent. */
function framesOf(gif: Uint8Array): readonly { readonly ms: number; readonly isPartial: boolean }[] {
  const frames: { ms: number; isPartial: boolean }[] = [];
  let at = 13 + 3 * 2 ** ((gif[10]! & 7) + 1);
  while (gif[at] !== 0x3b) {
    if (gif[at] === 0x21 && gif[at + 1] === 0xf9) {
      frames.push({ ms: 10 * (gif[at + 4]! + 256 * gif[at + 5]!), isPartial: (gif[at + 3]! & 1) === 1 });
    }
    at += gif[at] === 0x21 ? 2 : 11;
    while (gif[at] !== 0) at += gif[at]! + 1;
    at++;
  }
  return frames;
}

test("a frame without a change prolongs the one before", () => {
  const [first, second] = [pixelsOf(), pixelsOf(black)];
  const gif = new GifPicture(size, new ColorTable([first, second]));
  gif.add(first, 50);
  gif.add(pixelsOf(), 50);
  gif.add(second, 50);
  gif.hold(3000);
  const bytes = gif.finish();
  expect(new TextDecoder().decode(bytes.subarray(0, 6))).toBe("GIF89a");
  expect([bytes[6], bytes[8]]).toEqual([4, 2]);
  expect(framesOf(bytes)).toEqual([
    { ms: 100, isPartial: false },
    { ms: 3050, isPartial: true },
  ]);
});

test("frequent colours stay exact, and there are never more than 255", () => {
  const many = Uint32Array.from({ length: 4000 }, (_, index) => black + index * 4099);
  const grounds = new Uint32Array(10_000).fill(0xffe6e4b4);
  const table = new ColorTable([many, grounds]);
  expect(table.colors.length).toBeLessThanOrEqual(255);
  expect(table.colors[table.indexOf(0xffe6e4b4)]).toEqual([0xb4, 0xe4, 0xe6]);
  for (const pixel of many) {
    const [red, green] = table.colors[table.indexOf(pixel)]!;
    expect(Math.hypot(red! - (pixel & 255), green! - ((pixel >> 8) & 255))).toBeLessThan(40);
  }
  expect(new ColorTable([pixelsOf(black)]).colors).toEqual([
    [255, 255, 255],
    [0, 0, 0],
  ]);
});
