/** Runs the suites under Deno, from the sources as they are. Ends with `N passed, N failed`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { diskCache } from "../../src/node.ts";
import { runSuites } from "../suites/runSuites.ts";
import { storeSuite } from "../suites/stores.ts";
import { cpuSuites, testedSuites } from "../support/runtimeSuites.ts";
import { filesOnDisk } from "../support/surroundings.ts";

const extent = process.env["UNMASK_TRACES"] === "all" ? "all" : "some";
const folder = mkdtempSync(join(tmpdir(), "unmask-stores-"));
const disk = storeSuite("disk", async (name) => diskCache(join(folder, name)));
const suites = [disk, ...(await cpuSuites(filesOnDisk)), ...(await testedSuites(filesOnDisk, extent))];
const { passed, failed } = await runSuites(suites, console.log);
rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
