/** What the colours and marks of the canvas tell. */
import type { ColorBy } from "../canvas/index.ts";
import { usePalette } from "./usePalette.ts";

interface LegendProps {
  readonly colorBy: ColorBy;
  /** Whether the run is shown as a surface. */
  readonly isSurface: boolean;
  /** Whether tokens of the answer are pinned. */
  readonly hasPins: boolean;
  readonly isDraft: boolean;
}

export function Legend({ colorBy, isSurface, hasPins, isDraft }: LegendProps) {
  const palette = usePalette();
  const { fresh, recent, old } = palette.age;
  return (
    <ul class="legend" aria-label="Legend">
      {isDraft ? (
        <Item color={palette.mask} border={palette.open} isDashed text="mask, which the next run fills" />
      ) : (
        <Item color={palette.mask} border={palette.maskBorder} text="mask, with its best guess" />
      )}
      {hasPins && <Item color={palette.pinned} border={palette.pin} text="pinned" />}
      {colorBy === "confidence" ? (
        <li>
          unsure
          {palette.confidence.map((color) => (
            <i key={color} style={{ background: color }} />
          ))}
          sure
        </li>
      ) : (
        <>
          <Item color={fresh} text="committed in this pass" />
          <Item color={recent} text="recently" />
          <Item color={old} text="before" />
        </>
      )}
      {isSurface ? (
        <Item color={`linear-gradient(transparent 9px, ${palette.block} 9px)`} text="shown pass" />
      ) : (
        <>
          <Item color="transparent" border={palette.block} text="block" />
          <Item
            color={`linear-gradient(transparent 9px, ${palette.recomputed} 9px)`}
            text="computed, others are cached"
          />
        </>
      )}
      <Item color={palette.edit} text="changed" />
    </ul>
  );
}

interface ItemProps {
  readonly color: string;
  readonly border?: string;
  readonly isDashed?: boolean;
  readonly text: string;
}

function Item({ color, border, isDashed = false, text }: ItemProps) {
  const line = border ? `1.5px ${isDashed ? "dashed" : "solid"} ${border}` : "none";
  return (
    <li>
      <i style={{ background: color, border: line }} />
      {text}
    </li>
  );
}
