export { type CanvasOptions, defaultFontFamily, drawCanvas } from "./drawCanvas.ts";
export type { ColorBy } from "./groundOf.ts";
export { cellAt } from "./hitTest.ts";
export { type CellBox, type Frames, type Layout, type LayoutOptions, layOut } from "./layout.ts";
export { type Direction, neighbour } from "./neighbour.ts";
export { darkPalette, lightPalette, type Palette } from "./palette.ts";
export { type ShownText, shownText } from "./shownText.ts";
export { sizeCanvas } from "./sizeCanvas.ts";
export { type TextRun, type TextRunOptions, textRuns } from "./textRuns.ts";
