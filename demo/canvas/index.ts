export { type CanvasOptions, drawCanvas } from "./drawCanvas.ts";
export { cellAt } from "./hitTest.ts";
export { type CellBox, type Layout, type LayoutOptions, layOut } from "./layout.ts";
export { type Direction, neighbour } from "./neighbour.ts";
export { darkPalette, lightPalette, type Palette } from "./palette.ts";
export { sizeCanvas } from "./sizeCanvas.ts";
export { type TextRun, textRuns } from "./textRuns.ts";
