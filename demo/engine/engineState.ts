/** The page's engine: which one is loaded or being loaded, in a worker. */
import { signal } from "@preact/signals";
import type { EngineHandle, LoadProgress, SizeOptions } from "../../src/core/index.ts";
import { type EngineWorkerOptions, startEngineWorker } from "../../src/remote/index.ts";
import { type ModelChoice, type ServedModelChoice, webModelOf } from "./modelChoice.ts";
import { openServerModel } from "./openServerModel.ts";
import { isAbort, type Problem, problemOf } from "./problem.ts";

export const backendNames = ["auto", "webgpu", "wasm", "cpu"] as const;
export type BackendName = (typeof backendNames)[number];

export interface EngineChoice {
  readonly model: ModelChoice;
  readonly backend: BackendName;
  /** Whether a GPU's ops are timed, which makes passes slower. */
  readonly profile?: boolean;
  readonly sizes?: SizeOptions;
}

/** The backend in use, and why. */
export interface Picked {
  readonly backend: string;
  readonly reason: string;
}

export type EngineState =
  /** `choice` is the model whose loading was cancelled or failed, or whose device was lost for good. */
  | {
      readonly phase: "none";
      readonly problem?: Problem;
      readonly choice?: EngineChoice;
      readonly progress?: LoadProgress | undefined;
    }
  | { readonly phase: "loading"; readonly choice: EngineChoice; readonly progress?: LoadProgress }
  | {
      readonly phase: "ready";
      readonly choice: EngineChoice;
      readonly engine: EngineHandle;
      readonly picked: Picked | undefined;
      readonly loadMs: number;
    };

export const engineState = signal<EngineState>({ phase: "none" });

/** Starts the worker's script, for a job. */
export function newWorker(): Worker {
  return new Worker(new URL("./engineWorker.ts", import.meta.url), { type: "module" });
}

let loading: AbortController | undefined;
let current: { terminate(): void } | undefined;

/** Loads an engine in place of the present one. A failure is shown by the state. */
export async function loadEngine(choice: EngineChoice): Promise<void> {
  loading?.abort();
  current?.terminate();
  current = undefined;
  const controller = new AbortController();
  loading = controller;
  const startMs = performance.now();
  let picked: Picked | undefined;
  let progress: LoadProgress | undefined;
  engineState.value = { phase: "loading", choice };
  try {
    const { model, backend, profile = false, sizes } = choice;
    const { signal } = controller;
    const started =
      model.kind === "server"
        ? await openServerModel(model, signal)
        : await startWorker(model, {
            ...sizes,
            backend,
            profile,
            signal,
            onPick: (backend, reason) => {
              picked = { backend, reason };
            },
            onProgress: (latest) => {
              progress = latest;
              if (loading === controller) engineState.value = { phase: "loading", choice, progress };
            },
          });
    if (loading !== controller) {
      started.terminate();
      return;
    }
    current = started;
    const loadMs = performance.now() - startMs;
    engineState.value = { phase: "ready", choice, engine: started.engine, picked, loadMs };
  } catch (error) {
    if (loading !== controller) return;
    const ended = { phase: "none", choice, progress } as const;
    engineState.value = isAbort(error) ? ended : { ...ended, problem: problemOf(error) };
  }
}

function startWorker(
  model: Exclude<ModelChoice, ServedModelChoice>,
  options: Omit<EngineWorkerOptions, "model">,
) {
  return startEngineWorker(newWorker(), { ...webModelOf(model), ...options });
}

/** Gives up the engine after an error that ends it. */
export function endEngine(problem: Problem): void {
  const state = engineState.peek();
  if (state.phase !== "ready") return;
  current?.terminate();
  current = undefined;
  engineState.value = { phase: "none", choice: state.choice, problem };
}

/** Ends loading. Files that were downloaded are kept, so that loading again goes on. */
export function cancelLoading(): void {
  loading?.abort();
}
