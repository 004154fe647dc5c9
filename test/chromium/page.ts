/** Runs the suites in a page; run.mjs reads what `runs` resolves to and prints what `tell` is given. */

import { cpu } from "../../src/backends/cpu/index.ts";
import { opfsCache, url } from "../../src/sources/index.ts";
import { opfsSuite } from "../suites/opfs.ts";
import { remoteSuite } from "../suites/remote.ts";
import { type Counts, runSuites } from "../suites/runSuites.ts";
import { storeSuite } from "../suites/stores.ts";
import type { Files } from "../suites/suite.ts";
import { workerSuite } from "../suites/worker.ts";
import { cpuSuites, testedSuites, wasmSuites } from "../support/runtimeSuites.ts";
import { namedWorkers } from "../support/webWorkers.ts";

declare global {
  function tell(line: string): void;
  var runs: Promise<Counts>;
}

const oracle = "/test/fixtures/oracle/";
const files: Files = {
  json: async (name) => {
    const response = await fetch(`${oracle}${name}`);
    if (!response.ok) throw new Error(`Cannot fetch '${name}': ${response.status}`);
    return response.json();
  },
  model: (name) => url(`${oracle}models/${name}/`),
  tinyModel: url("/models/tiny/"),
};
const extent = new URLSearchParams(location.search).get("traces") === "all" ? "all" : "some";
globalThis.runs = (async () => {
  const stores = [storeSuite("OPFS", async (folder) => opfsCache({ folder })), opfsSuite(files.tinyModel)];
  const makeWorker = () =>
    new Worker(new URL("../../src/remote/workerMain.ts", import.meta.url), { type: "module" });
  const model = new URL("/models/tiny/", location.href).href;
  const workers = namedWorkers(makeWorker, { model, keep: false, backend: "cpu" });
  const remote = remoteSuite("web worker", { ...files, backend: cpu() }, workers);
  const suites = [
    ...stores,
    remote,
    workerSuite(makeWorker, model),
    ...(await cpuSuites(files)),
    ...(await wasmSuites(files, "some")),
    ...(await testedSuites(files, extent)),
  ];
  return runSuites(suites, tell);
})();
