/** Fixes the seed of property tests, so that no run fails by chance. `npm run verify` uses new seeds. */
import process from "node:process";
import fc from "fast-check";

if (process.env["UNMASK_TRACES"] !== "all") fc.configureGlobal({ seed: 1 });
