/** What every runtime runs: Node, Deno and Chromium. */
import { cpu } from "../../src/backends/cpu/index.ts";
import type { BackendFactory } from "../../src/core/index.ts";
import { conformanceSuite } from "../suites/conformance/index.ts";
import { gpuSuite } from "../suites/gpu.ts";
import { backendSuites, type Extent } from "../suites/index.ts";
import { logitsSuite } from "../suites/logits.ts";
import { cheapest } from "../suites/oracleFiles.ts";
import type { Files, Loop, Suite } from "../suites/suite.ts";
import { traceSuite } from "../suites/traces.ts";
import { openGpu } from "./gpu.ts";

/** The backend that every runtime tests, and where its loop can run: the one place to change for another. */
const tested: { name: string; backend: BackendFactory; loops: readonly Loop[] } = {
  name: "CPU",
  backend: cpu(),
  loops: [],
};

/** All suites on the backend that is tested. */
export async function testedSuites(files: Files, extent: Extent): Promise<readonly Suite[]> {
  const { name, backend, loops } = tested;
  const suites = await backendSuites({ ...files, backend }, loops, extent);
  return [gpuSuite(openGpu), ...named(name, suites)];
}

/** A part of what Node runs on the CPU backend, which is the same code in every runtime: one trace a configuration. */
export async function cpuSuites(files: Files): Promise<readonly Suite[]> {
  const surroundings = { ...files, backend: cpu() };
  const traces = await traceSuite(surroundings, cheapest(1));
  return named("CPU", [conformanceSuite(surroundings), logitsSuite(surroundings), traces]);
}

function named(backend: string, suites: readonly Suite[]): readonly Suite[] {
  return suites.map((suite) => ({ ...suite, name: `${backend}: ${suite.name}` }));
}
