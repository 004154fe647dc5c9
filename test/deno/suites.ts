/** Runs the suites under Deno, from the sources as they are. Ends with `N passed, N failed`. */
import process from "node:process";
import { runSuites } from "../suites/runSuites.ts";
import { cpuSuites, testedSuites } from "../support/runtimeSuites.ts";
import { filesOnDisk } from "../support/surroundings.ts";

const extent = process.env["UNMASK_TRACES"] === "all" ? "all" : "some";
const suites = [...(await cpuSuites(filesOnDisk)), ...(await testedSuites(filesOnDisk, extent))];
const { passed, failed } = await runSuites(suites, console.log);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
