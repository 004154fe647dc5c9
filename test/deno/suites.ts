/** Runs the suites under Deno, from the sources as they are. Ends with `N passed, N failed`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { cuda } from "../../src/backends/cuda/index.ts";
import { diskCache, startEngineThread } from "../../src/node.ts";
import { conformanceSuite } from "../suites/conformance/index.ts";
import { remoteSuite } from "../suites/remote.ts";
import { runSuites } from "../suites/runSuites.ts";
import { storeSuite } from "../suites/stores.ts";
import { threadSuite } from "../suites/thread.ts";
import { cpuSuites, testedSuites, wasmSuites } from "../support/runtimeSuites.ts";
import { cpuSurroundings, filesOnDisk } from "../support/surroundings.ts";
import { threads } from "../support/threads.ts";
import { webWorkers } from "../support/webWorkers.ts";

const extent = process.env["UNMASK_TRACES"] === "all" ? "all" : "some";
const folder = mkdtempSync(join(tmpdir(), "unmask-stores-"));
const disk = storeSuite("disk", async (name) => diskCache(join(folder, name)));
const web = webWorkers(() => new Worker(new URL("./engineWorker.ts", import.meta.url), { type: "module" }));
const remote = [
  threadSuite(startEngineThread),
  remoteSuite("thread", cpuSurroundings, threads(startEngineThread)),
  remoteSuite("web worker", cpuSurroundings, web),
];
const conformance = conformanceSuite({
  ...filesOnDisk,
  backend: cuda({ device: "host", activations: "f32" }),
});
const suites = [
  disk,
  ...remote,
  ...(await cpuSuites(filesOnDisk)),
  ...(await wasmSuites(filesOnDisk, "some")),
  { ...conformance, name: "CUDA on the processor: conformance" },
  ...(await testedSuites(filesOnDisk, extent)),
];
const { passed, failed } = await runSuites(suites, console.log);
rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
