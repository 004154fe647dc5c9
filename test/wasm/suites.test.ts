import process from "node:process";
import { wasmSuites } from "../support/runtimeSuites.ts";
import { filesOnDisk } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

const extent = process.env["UNMASK_TRACES"] === "all" ? "all" : "some";
for (const suite of await wasmSuites(filesOnDisk, extent)) runSuite(suite);
