export {
  countKinds,
  type Draft,
  type DraftCell,
  draftOf,
  type Edit,
  insertMasks,
  maskCells,
  type NamedToken,
  pinTokens,
  removeCells,
} from "./draft.ts";
export { draftFrame } from "./draftFrame.ts";
export { infillOf, tokenOf } from "./infillOf.ts";
export {
  drag,
  extendFrom,
  noSelection,
  type PressOptions,
  press,
  type Selection,
  select,
  selectedPositions,
} from "./selection.ts";
export { did, redo, type Undoable, undo, undoable } from "./undoable.ts";
export { whyNoInfill } from "./whyNoInfill.ts";
export { countText, draftText, selectionText } from "./words.ts";
