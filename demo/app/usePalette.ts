/** The colours of the canvas in the page's colour scheme. */
import { signal } from "@preact/signals";
import { darkPalette, lightPalette, type Palette } from "../canvas/index.ts";

const query = matchMedia("(prefers-color-scheme: dark)");
const isDark = signal(query.matches);
query.addEventListener("change", ({ matches }) => {
  isDark.value = matches;
});

export function usePalette(): Palette {
  return isDark.value ? darkPalette : lightPalette;
}
