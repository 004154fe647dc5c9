/** The colours of a surface: those of the canvas, as numbers for the GPU. */
import { type ColorBy, groundOf, type Palette } from "../canvas/index.ts";
import { kinds, type Surface } from "./surfaceOf.ts";

/** A colour as [red, green, blue], from 0 to 1. */
export type Rgb = readonly [number, number, number];

/** @param color a CSS colour of the form `#rrggbb`, as palettes have them */
export function rgbOf(color: string): Rgb {
  const digits = /^#([0-9a-f]{6})$/i.exec(color)?.[1];
  if (!digits)
    throw new RangeError(`Cannot read a colour as it must be of the form #rrggbb: found '${color}'`);
  const number = Number.parseInt(digits, 16);
  return [(number >> 16) / 255, ((number >> 8) & 255) / 255, (number & 255) / 255];
}

/** How much of a guess's colour is that of a commit of its confidence; the rest is grey. */
const guessTint = 0.25;

/** @returns [rows × columns]: bytes red, green, blue and 255, as `unpack4x8unorm` reads them */
export function colorsOf(surface: Surface, palette: Palette, colorBy: ColorBy): Uint32Array<ArrayBuffer> {
  const colors = new Uint32Array(surface.rows * surface.columns);
  const packed = new Map<string, number>();
  const pack = (color: string, share = 1) => {
    const key = `${color} ${share}`;
    const known = packed.get(key) ?? packRgb(mixed(rgbOf(palette.guessLevel), rgbOf(color), share));
    packed.set(key, known);
    return known;
  };
  for (let at = 0; at < colors.length; at++) {
    const index = Math.floor(at / surface.columns);
    const kind = surface.kinds[at]!;
    const confidence = surface.confidences[at]!;
    const writtenAt = surface.writtenAt[at]!;
    if (kind === kinds.guess) {
      colors[at] = pack(groundOf({ confidence, writtenAt }, { index }, palette, "confidence"), guessTint);
    } else if (kind === kinds.commit || (kind === kinds.edit && writtenAt < index)) {
      colors[at] = pack(groundOf({ confidence, writtenAt }, { index }, palette, colorBy));
    } else colors[at] = pack(plainColor(kind, palette));
  }
  return colors;
}

/** Of what has no confidence, and of an edit in its own pass. */
function plainColor(kind: number, { edit, maskBorder, mask }: Palette): string {
  if (kind === kinds.edit) return edit;
  return kind === kinds.given ? maskBorder : mask;
}

function mixed(from: Rgb, to: Rgb, share: number): Rgb {
  const [red, green, blue] = from.map((each, index) => each + share * (to[index]! - each));
  return [red!, green!, blue!];
}

function packRgb([red, green, blue]: Rgb): number {
  const byte = (share: number) => Math.round(255 * share);
  return (byte(red) | (byte(green) << 8) | (byte(blue) << 16) | (255 << 24)) >>> 0;
}
