/** A model that was chosen and is not loaded yet: what it would take, which a person sees before a download begins. */
import { signal } from "@preact/signals";
import { type WebFits, workerFits } from "../../src/remote/index.ts";
import { type EngineChoice, loadEngine, newWorker } from "./engineState.ts";
import { firstFit, isSmall } from "./fitChoice.ts";
import { embedded, type ModelChoice, webModelOf } from "./modelChoice.ts";
import { isAbort, type Problem, problemOf } from "./problem.ts";
import { cancelRun } from "./runState.ts";
import { freeStorage } from "./storage.ts";

export type Offer =
  | { readonly phase: "none" }
  | { readonly phase: "opening"; readonly choice: EngineChoice }
  | {
      readonly phase: "offered";
      readonly choice: EngineChoice;
      readonly fits: WebFits;
      /** Bytes that the browser still grants; undefined if it does not say. */
      readonly freeBytes: number | undefined;
    }
  | { readonly phase: "failed"; readonly choice: EngineChoice; readonly problem: Problem };

export const offer = signal<Offer>({ phase: "none" });
/** The model and the backend that were chosen last. */
export const chosen = signal<EngineChoice>({ model: embedded, backend: "auto" });

/** Of the computer, in GiB, rounded; browsers other than Chromium's do not say. */
export const deviceMemory = (navigator as { readonly deviceMemory?: number }).deviceMemory;

let opening: AbortController | undefined;

/** Opens a model: a small one that fits is loaded at once, another one is offered. The present engine stays until then. */
export async function openModel(choice: EngineChoice): Promise<void> {
  const { model, backend, profile = false } = choice;
  chosen.value = { model, backend, profile };
  opening?.abort();
  const controller = new AbortController();
  opening = controller;
  if (model.kind === "embedded" || model.kind === "server") return accept(choice);
  offer.value = { phase: "opening", choice };
  try {
    const fits = await workerFits(newWorker(), {
      ...webModelOf(model),
      backend,
      signal: controller.signal,
    });
    const freeBytes = await freeStorage();
    if (opening !== controller) return;
    const first = firstFit(fits, deviceMemory);
    if (first && isSmall(first, fits)) {
      // A small model has room for several sequences.
      const { batch: _, ...sizes } = first.options;
      accept({ ...choice, sizes });
    } else offer.value = { phase: "offered", choice, fits, freeBytes };
  } catch (error) {
    if (opening !== controller) return;
    offer.value = isAbort(error) ? { phase: "none" } : { phase: "failed", choice, problem: problemOf(error) };
  }
}

/** Loads a model with the sizes that were chosen. */
export function accept(choice: EngineChoice): void {
  offer.value = { phase: "none" };
  cancelRun();
  void loadEngine(choice);
}

export function declineOffer(): void {
  opening?.abort();
  opening = undefined;
  offer.value = { phase: "none" };
}

/** Shows why what was chosen is no model. */
export function refuse(model: ModelChoice, problem: Problem): void {
  opening?.abort();
  offer.value = { phase: "failed", choice: { model, backend: chosen.peek().backend }, problem };
}
