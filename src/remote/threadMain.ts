/** What an engine's thread runs. */
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import { bug } from "../core/error.ts";
import { loadNamedEngine, type NamedEngineOptions } from "./namedEngine.ts";
import { serveEngine } from "./serve.ts";

if (!parentPort) throw bug("This script runs in a thread that startEngineThread made");
const options: NamedEngineOptions = workerData;
const failure = await serveEngine(parentPort, (loading) => loadNamedEngine(options, loading));
// A device may have left something that would keep the thread alive.
process.exit(failure === undefined ? 0 : 1);
