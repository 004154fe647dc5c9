import process from "node:process";
import { testedSuites } from "../support/runtimeSuites.ts";
import { filesOnDisk } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

// One file, so one process: all of it runs on one device.
const extent = process.env["UNMASK_TRACES"] === "all" ? "all" : "some";
for (const suite of await testedSuites(filesOnDisk, extent)) runSuite(suite);
