import type { startEngineThread } from "../../src/node.ts";
import type { Elsewheres } from "../suites/remote.ts";

/** Engines in threads. @param start of the sources, or of what was built of them */
export function threads(start: typeof startEngineThread): Elsewheres {
  return {
    async start(options) {
      const { engine, terminate } = await start({ backend: "cpu", ...options });
      return { engine, kill: terminate };
    },
    killed: "io",
  };
}
