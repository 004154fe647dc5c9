import type { startEngineThread } from "../../src/node.ts";
import type { RemoteSides } from "../suites/remote.ts";
import { tinyFolder } from "./tinyModel.ts";

/** Engines with models/tiny in threads. @param start from the sources, or from dist/ */
export function threads(start: typeof startEngineThread): RemoteSides {
  return {
    async start(options) {
      const { engine, terminate } = await start({ model: tinyFolder, backend: "cpu", ...options });
      return { engine, kill: terminate };
    },
    killed: "io",
  };
}
