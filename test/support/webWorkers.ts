import { connectEngine } from "../../src/remote/index.ts";
import type { Elsewheres } from "../suites/remote.ts";

/** Engines in workers of the web. @param make starts one that serves the embedded model */
export function webWorkers(make: () => Worker): Elsewheres {
  return {
    async start(options) {
      const worker = make();
      const engine = await connectEngine(worker, options);
      const kill = () => {
        worker.terminate();
        // No event tells of it.
        engine.disconnect();
      };
      return { engine, kill };
    },
    killed: "disposed",
  };
}
