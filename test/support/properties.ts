/** Every run of the tests checks the same random cases, so that none fails by chance; `npm run verify` draws new ones. */
import process from "node:process";
import fc from "fast-check";

if (process.env["UNMASK_TRACES"] !== "all") fc.configureGlobal({ seed: 1 });
