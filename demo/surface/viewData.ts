/** The uniform of `surface.wgsl`: the struct View, word by word. */
import type { Palette } from "../canvas/index.ts";
import { type Camera, eyeOf, viewProjection } from "./camera.ts";
import { rgbOf } from "./colors.ts";
import { bevel, gridMatrix, gridScale, inGrid } from "./geometry.ts";
import type { Surface } from "./surfaceOf.ts";

export interface ViewOptions {
  readonly camera: Camera;
  /** Width by height of the picture. */
  readonly aspect: number;
  /** The frame that is shown. */
  readonly frame: number;
  /** What the pointer is on. */
  readonly pointed: { readonly column: number; readonly row: number } | undefined;
  readonly palette: Palette;
  readonly isDark: boolean;
}

const words = 48;
export const viewBytes = 4 * words;

/** Light colours are lit gently; dark ones need more light to be seen. */
const lights = {
  light: { ambient: 0.4, key: 0.68, shadow: 0.2 },
  dark: { ambient: 0.62, key: 1.25, shadow: 0.5 },
} as const;

export function viewData(surface: Surface, options: ViewOptions): Float32Array<ArrayBuffer> {
  const { camera, aspect, frame, pointed, palette, isDark } = options;
  const data = new Float32Array(words);
  const integers = new Uint32Array(data.buffer);
  const { ambient, key, shadow } = isDark ? lights.dark : lights.light;
  data.set(gridMatrix(surface, viewProjection(camera, aspect)), 0);
  data.set([...gridScale(surface), bevel], 16);
  data.set([...inGrid(surface, eyeOf(camera, aspect)), frame], 20);
  integers.set([surface.columns, surface.rows], 24);
  data.set([pointed?.column ?? -1, pointed?.row ?? -1], 26);
  const { mask, text, block, focus } = palette;
  for (const [index, color] of [mask, text, block, focus].entries())
    data.set([...rgbOf(color), 1], 28 + 4 * index);
  data.set([ambient, key, shadow], 44);
  return data;
}
