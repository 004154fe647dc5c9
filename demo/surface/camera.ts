/** A camera that turns around the surface: pure functions from one state to the next, and its matrix. */
import { mat4d } from "wgpu-matrix";
import { type Matrix, type Point, worldSize } from "./geometry.ts";

export interface Camera {
  /** Radians around the vertical; 0 looks from the first pass on. */
  readonly azimuth: number;
  /** Radians above the ground. */
  readonly elevation: number;
  /** 1 shows the whole block. */
  readonly zoom: number;
}

export const initialCamera: Camera = { azimuth: -0.44, elevation: 0.6, zoom: 1 };

const bounds = { elevation: [0.08, 1.54], zoom: [0.7, 6] } as const;
/** A long lens, as of a product photograph. */
const fieldOfView = 0.36;
/** What the camera looks at: a little below the block's middle, for the labels. */
const middle = [0, -0.04, 0];
/** Of a ball around the block, with room for the labels. */
const radius = 1.08 * (Math.hypot(worldSize.width, worldSize.depth) / 2);

export function turned(camera: Camera, azimuth: number, elevation: number): Camera {
  return {
    zoom: camera.zoom,
    azimuth: camera.azimuth + azimuth,
    elevation: within(camera.elevation + elevation, bounds.elevation),
  };
}

export function zoomed(camera: Camera, factor: number): Camera {
  const { azimuth, elevation, zoom } = camera;
  return { azimuth, elevation, zoom: within(zoom * factor, bounds.zoom) };
}

/** Radians and factor of one press of a key. */
const keyTurn = 0.08;
const keyZoom = 1.15;

const keys: Readonly<Record<string, (camera: Camera) => Camera>> = {
  ArrowLeft: (camera) => turned(camera, keyTurn, 0),
  ArrowRight: (camera) => turned(camera, -keyTurn, 0),
  ArrowUp: (camera) => turned(camera, 0, keyTurn),
  ArrowDown: (camera) => turned(camera, 0, -keyTurn),
  "+": (camera) => zoomed(camera, keyZoom),
  "=": (camera) => zoomed(camera, keyZoom),
  "-": (camera) => zoomed(camera, 1 / keyZoom),
  Home: () => initialCamera,
};

/** @returns undefined for a key that does not move the camera */
export function movedByKey(camera: Camera, key: string): Camera | undefined {
  return keys[key]?.(camera);
}

/** Of the camera, in the world. @param aspect width by height of the picture */
export function eyeOf(camera: Camera, aspect: number): Point {
  const { azimuth, elevation } = camera;
  const distance = distanceOf(camera, aspect);
  const flat = distance * Math.cos(elevation);
  return [flat * Math.sin(azimuth), distance * Math.sin(elevation), flat * Math.cos(azimuth)];
}

/** From the world into the picture. @param aspect width by height of the picture */
export function viewProjection(camera: Camera, aspect: number): Matrix {
  const distance = distanceOf(camera, aspect);
  const projection = mat4d.perspective(fieldOfView, aspect, Math.max(0.05, distance - 2.5), distance + 3);
  return mat4d.multiply(projection, mat4d.lookAt([...eyeOf(camera, aspect)], middle, [0, 1, 0]));
}

/** Pictures that are wider than this by their height are bounded by their height. */
const widest = 1.42;

function distanceOf({ zoom }: Camera, aspect: number): number {
  const halfAcross = Math.atan(Math.tan(fieldOfView / 2) * Math.min(aspect, widest));
  return radius / Math.sin(halfAcross) / zoom;
}

function within(value: number, [min, max]: readonly [number, number]): number {
  return Math.min(Math.max(min, value), max);
}
