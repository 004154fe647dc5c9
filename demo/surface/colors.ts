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

/** @returns [rows × columns]: bytes red, green, blue and 255, as `unpack4x8unorm` reads them */
export function colorsOf(surface: Surface, palette: Palette, colorBy: ColorBy): Uint32Array<ArrayBuffer> {
  const colors = new Uint32Array(surface.rows * surface.columns);
  const packed = new Map<string, number>();
  const pack = (color: string) => {
    const known = packed.get(color) ?? packRgb(rgbOf(color));
    packed.set(color, known);
    return known;
  };
  for (let at = 0; at < colors.length; at++) {
    const index = Math.floor(at / surface.columns);
    const place = {
      kind: surface.kinds[at]!,
      confidence: surface.confidences[at]!,
      writtenAt: surface.writtenAt[at]!,
    };
    colors[at] = pack(colorOf(place, index, palette, colorBy));
  }
  return colors;
}

interface Place {
  readonly kind: number;
  readonly confidence: number;
  readonly writtenAt: number;
}

function colorOf(
  { kind, confidence, writtenAt }: Place,
  index: number,
  palette: Palette,
  colorBy: ColorBy,
): string {
  switch (kind) {
    case kinds.commit:
      return groundOf({ confidence, writtenAt }, { index }, palette, colorBy);
    case kinds.edit:
      return writtenAt === index
        ? palette.edit
        : groundOf({ confidence, writtenAt }, { index }, palette, colorBy);
    case kinds.guess:
      return palette.guessLevel;
    case kinds.given:
      return palette.maskBorder;
    default:
      return palette.mask;
  }
}

function packRgb([red, green, blue]: Rgb): number {
  const byte = (share: number) => Math.round(255 * share);
  return (byte(red) | (byte(green) << 8) | (byte(blue) << 16) | (255 << 24)) >>> 0;
}
