/** The models that the browser keeps, and how much room they take. */
import { effect, signal } from "@preact/signals";
import type { DownloadNeed } from "../../src/core/index.ts";
import { deleteKept, type KeptModel, keptModels, opfsCache } from "../../src/sources/index.ts";
import { type EngineChoice, engineState } from "./engineState.ts";
import { type ModelChoice, pageHub } from "./modelChoice.ts";
import { type Problem, problemOf } from "./problem.ts";
import { type StorageUse, storageUse } from "./storage.ts";

export interface Kept {
  readonly models: readonly KeptModel[];
  readonly use: StorageUse | undefined;
  readonly problem?: Problem;
}

/** Undefined until it has been read. */
export const kept = signal<Kept | undefined>(undefined);

/** A file that another tab is downloading cannot be deleted. */
const maxDeleteMs = 5000;

export async function refreshKept(): Promise<void> {
  try {
    const models = await keptModels(opfsCache());
    kept.value = { models, use: await storageUse() };
  } catch (error) {
    kept.value = { models: [], use: await storageUse(), problem: problemOf(error) };
  }
}

export async function deleteModel(model: KeptModel): Promise<void> {
  try {
    await deleteKept(opfsCache(), model, AbortSignal.timeout(maxDeleteMs));
    await refreshKept();
  } catch (error) {
    await refreshKept();
    kept.value = { models: [], use: undefined, ...kept.peek(), problem: problemOf(error) };
  }
}

/** Deletes what opening a model has kept, if none of its weights are there. */
export async function forget({ model }: EngineChoice, download: DownloadNeed | undefined): Promise<void> {
  if (model.kind !== "address" || !download || download.presentBytes > 0) return;
  await refreshKept();
  const opened = kept.peek()?.models.find(({ name, isComplete }) => name === model.address && !isComplete);
  if (opened) await deleteModel(opened);
}

/** A complete model of a hub is loaded without the network, an unfinished one goes on. */
export function choiceOf({ kind, name, endpoint, isComplete }: KeptModel): ModelChoice {
  if (kind === "address") return { kind: "address", address: name };
  const hub = pageHub();
  // A listing keeps its host alone.
  const isPageHub = hub !== undefined && new URL(hub).host === new URL(endpoint).host;
  return { kind: "address", address: name, endpoint: isPageHub ? hub : endpoint, offline: isComplete };
}

/** Whether the engine in use, or the one being loaded, is of this model: after a lost device its files are read again. */
export function isInUse({ name }: KeptModel): boolean {
  const state = engineState.value;
  if (state.phase === "none" || state.choice.model.kind !== "address") return false;
  return state.choice.model.address.replace(/\/$/, "") === name.replace(/\/$/, "");
}

// What is kept changes with each model that is loaded, or whose loading ends.
let shownPhase: string | undefined;
effect(() => {
  const { phase } = engineState.value;
  if (phase !== shownPhase && phase !== "loading") void refreshKept();
  shownPhase = phase;
});
