import type { startEngineThread } from "../../src/node.ts";
import type { RemoteSides } from "../suites/remote.ts";

/** Engines in threads. @param start from the sources, or from dist/ */
export function threads(start: typeof startEngineThread): RemoteSides {
  return {
    async start(options) {
      const { engine, terminate } = await start({ backend: "cpu", ...options });
      return { engine, kill: terminate };
    },
    killed: "io",
  };
}
