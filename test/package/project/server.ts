// An API in a program's own server: its types are Hono's, which need those of DOM or Node.
import type { EngineHandle } from "unmask";
import { type AppOptions, createApp, type RequestOutcome } from "unmask/server";

export function handler(engine: EngineHandle, seen: RequestOutcome[]) {
  const options: AppOptions = {
    models: new Map([["tiny", engine]]),
    observer: { onEnd: (_request, outcome) => seen.push(outcome) },
  };
  return createApp(options).fetch;
}
