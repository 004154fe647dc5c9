/** The script of a web worker that serves an engine, or computes what one would take. Its first message names the job: see `job.ts`. */
import type { Engine } from "../core/index.ts";
import type { WorkerJob } from "./job.ts";
import { pack } from "./packedValue.ts";
import { serveEngine } from "./serve.ts";
import type { Loading } from "./servedConnection.ts";
import { loadWebEngine, type WebEngineOptions } from "./webEngine.ts";
import { type WebFitsOptions, webFits } from "./webFits.ts";

self.addEventListener(
  "message",
  ({ data }: MessageEvent<WorkerJob>) => {
    if (data.job === "engine") serve(data.options);
    else void answer(data.options);
  },
  { once: true },
);

function serve(options: WebEngineOptions): void {
  const load = (loading: Loading): Promise<Engine> => loadWebEngine(options, loading);
  serveEngine(self, load).then(() => self.close());
}

async function answer(options: WebFitsOptions): Promise<void> {
  try {
    self.postMessage({ fits: await webFits(options) });
  } catch (error) {
    self.postMessage({ error: pack(error) });
  }
  self.close();
}
