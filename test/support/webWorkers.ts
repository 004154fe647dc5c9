import { connectEngine, startEngineWorker, type WebEngineOptions } from "../../src/remote/index.ts";
import type { RemoteSides } from "../suites/remote.ts";

/** Engines in web workers. @param make starts a worker that serves models/tiny */
export function webWorkers(make: () => Worker): RemoteSides {
  return {
    async start(options) {
      const worker = make();
      const engine = await connectEngine(worker, options);
      const kill = () => {
        worker.terminate();
        // No event reports the termination.
        engine.disconnect();
      };
      return { engine, kill };
    },
    killed: "disposed",
  };
}

/** Engines in web workers whose script is the package's own. @param make starts such a worker */
export function namedWorkers(make: () => Worker, named: WebEngineOptions): RemoteSides {
  return {
    async start(options) {
      const { engine, terminate } = await startEngineWorker(make(), { ...named, ...options });
      return { engine, kill: terminate };
    },
    killed: "disposed",
  };
}
