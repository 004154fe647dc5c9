/** How the canvas is shown: as cells, as text or as a surface, and what colours tell. */
import type { Signal } from "@preact/signals";
import type { ColorBy } from "../canvas/index.ts";

export type View = "cells" | "text" | "surface";

interface ViewOptionsProps {
  readonly view: Signal<View>;
  readonly colorBy: Signal<ColorBy>;
}

export function ViewOptions({ view, colorBy }: ViewOptionsProps) {
  return (
    <div class="view-options">
      <Choice label="View" chosen={view} options={{ cells: "Cells", text: "Text", surface: "Surface" }} />
      <Choice label="Colour" chosen={colorBy} options={{ confidence: "Confidence", age: "Age" }} />
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly chosen: Signal<Value>;
  readonly options: Readonly<Record<Value, string>>;
}

function Choice<Value extends string>({ label, chosen, options }: ChoiceProps<Value>) {
  return (
    <fieldset class="segmented">
      <legend>{label}</legend>
      {(Object.entries(options) as [Value, string][]).map(([value, text]) => (
        <button
          key={value}
          type="button"
          aria-pressed={chosen.value === value}
          onClick={() => {
            chosen.value = value;
          }}
        >
          {text}
        </button>
      ))}
    </fieldset>
  );
}
