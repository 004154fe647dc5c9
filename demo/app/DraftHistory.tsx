/** What the next run does with a position of the edited answer, and where its token comes from. */
import type { Draft } from "../edit/index.ts";
import type { Recording } from "../run/index.ts";
import { HistoryEntries } from "./CellHistory.tsx";

interface DraftHistoryProps {
  readonly id: string;
  readonly draft: Draft;
  /** What was edited, at a frame. */
  readonly recording: Recording;
  readonly frame: number;
  readonly position: number | undefined;
}

export function DraftHistory({ id, draft, position, ...source }: DraftHistoryProps) {
  const cell = position === undefined ? undefined : draft.cells[position - draft.prompt.length];
  return (
    <p class="history" id={id} aria-live="polite">
      {cell === undefined || position === undefined
        ? "Point at a cell to see its history."
        : describe(draft, position, source)}
    </p>
  );
}

function describe(
  { prompt, cells }: Draft,
  position: number,
  { recording, frame }: Pick<DraftHistoryProps, "recording" | "frame">,
) {
  const index = position - prompt.length;
  const cell = cells[index]!;
  const place = `Position ${index}`;
  switch (cell.kind) {
    case "mask":
      return `${place}: masked. The next run fills it.`;
    case "typed":
      return `${place}: “${cell.token.text}”, typed in. The next run keeps it.`;
    case "kept":
      return (
        <>
          {place}: “{cell.cell.text}”. The next run keeps it.
          <HistoryEntries recording={recording} frame={frame} position={cell.cell.position} />
        </>
      );
  }
}
