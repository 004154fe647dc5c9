import type { Dropped } from "../engine/droppedModel.ts";
import { chosen, openModel, refuse } from "../engine/offerState.ts";

/** Opens what was dropped or chosen, or shows why it is no model. */
export function openDropped(dropped: Dropped): void {
  if ("problem" in dropped) refuse({ kind: "files", name: dropped.name, files: {} }, dropped.problem);
  else void openModel({ model: dropped.model, backend: chosen.peek().backend });
}
