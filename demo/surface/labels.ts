/** The words and numbers at the surface's axes, at the edges that face the camera. */
import type { Camera } from "./camera.ts";
import { gridScale, type Point, type Size } from "./geometry.ts";
import { heightOf } from "./surfaceOf.ts";

export interface Label {
  readonly text: string;
  /** In the units of the grid. */
  readonly at: Point;
  readonly kind: "tick" | "title";
}

/** World units from an edge to its numbers, and to its title. */
const tickDistance = 0.07;
const titleDistance = 0.2;

/** A picture of this many CSS pixels or more has room for all labels. */
const roomyWidth = 560;

/** @param pictureWidth CSS pixels: in a narrow picture labels are fewer, and further from their edges */
export function labelsOf(
  size: Size,
  { azimuth }: Pick<Camera, "azimuth">,
  pictureWidth = roomyWidth,
): readonly Label[] {
  const { columns, rows } = size;
  if (columns === 0 || rows < 2) return [];
  const crowding = Math.max(1, roomyWidth / Math.max(1, pictureWidth));
  const shares = crowding > 1.3 ? [0.99, 0.9999] : [0.9, 0.99, 0.999, 0.9999];
  const [unitX, , unitZ] = gridScale(size).map((scale) => 1 / Math.abs(scale));
  const isRight = Math.sin(azimuth) > 0;
  const isFront = Math.cos(azimuth) > 0;
  const sideX = isRight ? columns : 0;
  const frontZ = isFront ? 0 : rows - 1;
  const beside = (distance: number) => sideX + (isRight ? distance : -distance) * crowding * unitX!;
  const before = (distance: number) => frontZ - (isFront ? distance : -distance) * crowding * unitZ!;
  const along = (x: number, distance: number): Point => [x, 0, before(distance)];
  const aside = (z: number, distance: number): Point => [beside(distance), 0, z];
  // The upright axis stands at the corner where both others are out of its way.
  const cornerX = (isRight ? 0 : columns) + (isRight ? -tickDistance : tickDistance) * crowding * unitX!;
  const upright = (height: number): Point => [cornerX, height, frontZ];
  const tick = (text: string, at: Point): Label => ({ text, at, kind: "tick" });
  const title = (text: string, at: Point): Label => ({ text, at, kind: "title" });
  return [
    ...ticksUpTo(columns - 1, 7 / crowding).map((column) =>
      tick(String(column), along(column + 0.5, tickDistance)),
    ),
    title("position", along(columns / 2, titleDistance)),
    ...ticksUpTo(rows - 1, 5 / crowding).map((row) => tick(String(row), aside(row, tickDistance))),
    title("pass", aside((rows - 1) / 2, titleDistance)),
    ...shares.map((share) => tick(`${Number((100 * share).toFixed(2))} %`, upright(heightOf(share)))),
    title("confidence", upright(1.3)),
  ];
}

/** Round numbers from 0 on, about so many as are wanted. */
export function ticksUpTo(last: number, wanted: number): readonly number[] {
  const rough = Math.max(1, last / wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, index) => index * step);
}
