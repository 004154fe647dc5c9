/** The whole page takes folders and files that are dropped on it. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type DroppedItem, droppedModel } from "../engine/droppedModel.ts";
import { openDropped } from "./openDropped.ts";

export function DropTarget() {
  const isOver = useSignal(false);
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    const onFiles = (type: "dragenter" | "dragover" | "drop", react: (event: DragEvent) => void) => {
      const listener = (event: DragEvent) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        // Otherwise the browser opens the file in place of the page.
        event.preventDefault();
        react(event);
      };
      addEventListener(type, listener, { signal });
    };
    const show = () => {
      isOver.value = true;
    };
    onFiles("dragenter", show);
    onFiles("dragover", show);
    onFiles("drop", ({ dataTransfer }) => {
      isOver.value = false;
      const items = dataTransfer!.items as unknown as Iterable<DroppedItem>;
      void droppedModel(items).then(openDropped);
    });
    const onLeave = ({ relatedTarget }: DragEvent) => {
      // Between elements of the page there is a related one.
      if (relatedTarget === null) isOver.value = false;
    };
    addEventListener("dragleave", onLeave, { signal });
    return () => listening.abort();
  }, [isOver]);
  return isOver.value ? (
    <div class="drop-target">
      <p>Drop a folder or the files of a model</p>
    </div>
  ) : null;
}
