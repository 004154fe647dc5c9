/** The page's engine: which one is loaded or being loaded, in a worker. */
import { signal } from "@preact/signals";
import type { LoadProgress } from "../../src/core/index.ts";
import { type EngineWorker, type RemoteEngine, startEngineWorker } from "../../src/remote/index.ts";
import { type ModelChoice, webModelOf } from "./modelChoice.ts";
import { isAbort, type Problem, problemOf } from "./problem.ts";

export const backendNames = ["auto", "webgpu", "wasm", "cpu"] as const;
export type BackendName = (typeof backendNames)[number];

export interface EngineChoice {
  readonly model: ModelChoice;
  readonly backend: BackendName;
}

/** The backend in use, and why. */
export interface Picked {
  readonly backend: string;
  readonly reason: string;
}

export type EngineState =
  | { readonly phase: "none"; readonly problem?: Problem }
  | { readonly phase: "loading"; readonly choice: EngineChoice; readonly progress?: LoadProgress }
  | {
      readonly phase: "ready";
      readonly choice: EngineChoice;
      readonly engine: RemoteEngine;
      readonly picked: Picked | undefined;
      readonly loadMs: number;
    };

export const engineState = signal<EngineState>({ phase: "none" });

let loading: AbortController | undefined;
let current: EngineWorker | undefined;

/** Loads an engine in place of the present one. A failure is shown by the state. */
export async function loadEngine(choice: EngineChoice): Promise<void> {
  loading?.abort();
  current?.terminate();
  current = undefined;
  const controller = new AbortController();
  loading = controller;
  const startMs = performance.now();
  let picked: Picked | undefined;
  engineState.value = { phase: "loading", choice };
  try {
    const worker = new Worker(new URL("./engineWorker.ts", import.meta.url), { type: "module" });
    const started = await startEngineWorker(worker, {
      ...webModelOf(choice.model),
      backend: choice.backend,
      signal: controller.signal,
      onPick: (backend, reason) => {
        picked = { backend, reason };
      },
      onProgress: (progress) => {
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
    engineState.value = isAbort(error) ? { phase: "none" } : { phase: "none", problem: problemOf(error) };
  }
}

/** Ends loading. Files that were downloaded are kept, so that loading again goes on. */
export function cancelLoading(): void {
  loading?.abort();
}
