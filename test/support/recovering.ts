/** A model, requests and functions for tests of lost devices. */
import { Engine, type GenerateEvent, type GenerateRequest } from "../../src/core/index.ts";
import type { BackendFactory } from "../../src/core/tensor/index.ts";
import { memory } from "../../src/sources/memory.ts";
import { cpuSurroundings, filesOf } from "./surroundings.ts";

/** In memory, as the model is read again after every loss. */
export const model = memory(await filesOf(cpuSurroundings.model("llada-moe")));
export const load = (backend: BackendFactory) => Engine.load(model, { backend });

export async function collect(engine: Engine, request: GenerateRequest, signal?: AbortSignal) {
  const events: GenerateEvent[] = [];
  for await (const event of engine.generate(request, signal ? { signal } : {})) events.push(event);
  return events;
}

export const recoveries = (events: readonly GenerateEvent[]) =>
  events.filter(({ type }) => type === "recovered");

export const tokens = [5, 17, 42, 8];
export const base: GenerateRequest = { tokens, genLength: 14, blockLength: 5, seed: 3 };
export const slow: GenerateRequest = { tokens, genLength: 32, decoder: { name: "fixed", steps: 32 } };
