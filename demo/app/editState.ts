/** What is selected on the canvas, the edits of the answer that is shown, and the run that they lead to. */
import { computed, effect, signal } from "@preact/signals";
import type { EngineHandle } from "../../src/core/index.ts";
import { followAgain } from "../controls/chatTurns.ts";
import { againRequest } from "../controls/promptState.ts";
import {
  countKinds,
  type Draft,
  did,
  draftFrame,
  draftOf,
  type Edit,
  infillOf,
  noSelection,
  pinTokens,
  redo,
  type Selection,
  select,
  selectedPositions,
  type Undoable,
  undo,
  undoable,
  whyNoInfill,
} from "../edit/index.ts";
import { engineState } from "../engine/engineState.ts";
import { type Problem, problemOf } from "../engine/problem.ts";
import { run, runs, startRuns } from "../engine/runState.ts";
import type { Lane, Recording } from "../run/index.ts";
import { frameIndex, pausePlayback, recording, showFrame } from "./playbackState.ts";

/** Edits of a frame. Each has the selection that it leaves. */
interface Edits {
  readonly frame: number;
  readonly history: Undoable<Edit>;
}

export const engine = computed(() =>
  engineState.value.phase === "ready" ? engineState.value.engine : undefined,
);
export const selection = signal<Selection>(noSelection);
export const selected = computed(() => selectedPositions(selection.value));
export const edits = signal<Edits | undefined>(undefined);
/** The edited answer; undefined without edits. */
export const draft = computed(() => {
  const { history } = edits.value ?? {};
  return history && history.past.length > 0 ? history.present.draft : undefined;
});
/** The edited answer as a frame. */
export const draftPicture = computed(() => draft.value && draftFrame(draft.value, edits.value?.frame ?? 0));
/** Whether a finger selects cells; else it scrolls the page. */
export const selectsByTouch = signal(false);
/** Why text could not be pinned. */
export const editProblem = signal<Problem | undefined>(undefined);

/** The engine of the run that is shown; undefined for a run from a file. */
const ownEngine = signal<EngineHandle | undefined>(undefined);

/** Edits belong to the run that is shown. */
effect(() => {
  const hasRun = recording.value !== undefined && run.peek()?.file === undefined;
  ownEngine.value = hasRun ? engine.peek() : undefined;
  discardEdits();
});

/** Why the answer that is shown cannot be edited; undefined if it can. */
export const whyNoEdit = computed(() => {
  if (!engine.value) return "No model is loaded that could fill masks of this answer.";
  if (ownEngine.value !== engine.value)
    return "This answer is not of the model that is loaded now: its tokens cannot be edited.";
  return whyNoInfill(engine.value.info);
});

/** Selects cells, of a picture that stands still. */
export function setSelection(next: Selection): void {
  pausePlayback();
  selection.value = next;
}

export function editSelected(
  edit: (draft: Draft, positions: ReadonlySet<number>) => Edit,
  positions = selected.value,
): void {
  const state = positions.size > 0 && editable(positions);
  if (!state) return;
  const { present } = state.history;
  const before = { ...state.history, present: { ...present, positions } };
  const next = edit(present.draft, positions);
  show({ ...state, history: did(before, next) });
}

/** The present edits, or none of the frame that is shown. */
function editable(positions: ReadonlySet<number>): Edits | undefined {
  if (whyNoEdit.value) return undefined;
  if (draft.value) return edits.value;
  const shown = recording.value;
  const frame = frameIndex.value;
  if (!shown?.start || frame < 0) return undefined;
  const begun = draftOf(shown.frame(frame), shown.start.maskToken);
  return { frame, history: undoable({ draft: begun, positions }) };
}

export function undoEdit(): void {
  if (edits.value) show({ ...edits.value, history: undo(edits.value.history) });
}
export function redoEdit(): void {
  if (edits.value) show({ ...edits.value, history: redo(edits.value.history) });
}

function show(next: Edits): void {
  showFrame(next.frame);
  edits.value = next;
  editProblem.value = undefined;
  selection.value = select(next.history.present.positions);
}

export function discardEdits(): void {
  edits.value = undefined;
  editProblem.value = undefined;
  selection.value = noSelection;
}

/** Puts a text's tokens in place of the selected cells. @returns whether it could be encoded */
export async function pinText(text: string): Promise<boolean> {
  if (!engine.value) return false;
  // The selection can change while the engine encodes.
  const positions = selected.value;
  try {
    const tokens = await engine.value.tokenize(text);
    const texts = await engine.value.tokenTexts(tokens);
    const named = tokens.map((token, index) => ({ token, text: texts[index]! }));
    editSelected((draft) => pinTokens(draft, positions, named), positions);
    selection.value = noSelection;
    return true;
  } catch (error) {
    editProblem.value = problemOf(error);
    return false;
  }
}

/** Whether there is a mask to fill. */
export const canGenerate = computed(
  () => !whyNoEdit.value && draft.value !== undefined && countKinds(draft.value).mask > 0,
);

/** Runs the prompt of the edited run again: what stands is pinned, masks are filled. */
export function generateAgain(): void {
  const before = run.value;
  if (!canGenerate.value || !before) return;
  const infill = infillOf(draft.value!, engine.value!.info.stopTokens);
  const requests = runs.value.map((_, lane) => againRequest(before.request, infill, lane as Lane));
  void followAgain(before.recording, startRuns(engine.value!, requests));
}

/** Whether tokens of a run's answer are pinned, or of its edited one. */
export function hasPins({ start }: Recording, edited: Draft | undefined): boolean {
  const isPinned = start !== undefined && start.undecided.length < start.genLength;
  return isPinned || (edited !== undefined && countKinds(edited).typed > 0);
}
