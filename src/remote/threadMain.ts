/** The script of an engine's thread. */
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import { bug } from "../core/error.ts";
import { loadNamedEngine, type NamedEngineOptions } from "./namedEngine.ts";
import { serveEngine } from "./serve.ts";

if (!parentPort) throw bug("This script only runs in a thread of startEngineThread");
const options: NamedEngineOptions = workerData;
const failure = await serveEngine(parentPort, (loading) => loadNamedEngine(options, loading));
// A backend may have open handles that would keep the thread alive.
process.exit(failure === undefined ? 0 : 1);
