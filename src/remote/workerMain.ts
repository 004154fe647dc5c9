/** The script of a web worker that serves an engine. Its first message names the engine: see `startEngineWorker`. */
import type { Engine } from "../core/index.ts";
import { serveEngine } from "./serve.ts";
import type { Loading } from "./servedConnection.ts";
import { loadWebEngine, type WebEngineOptions } from "./webEngine.ts";

self.addEventListener(
  "message",
  ({ data }: MessageEvent<WebEngineOptions>) => {
    const load = (loading: Loading): Promise<Engine> => loadWebEngine(data, loading);
    serveEngine(self, load).then(() => self.close());
  },
  { once: true },
);
