/** Engines elsewhere: in workers and threads, behind a message port, and on servers. */
export type {} from "../core/platformTypes.ts";
export { type ConnectOptions, connectEngine } from "./connect.ts";
export * from "./http/index.ts";
export type {} from "./platformTypes.ts";
export type { Port, PortListener } from "./port.ts";
export { type PortTarget, portOf } from "./portTarget.ts";
export type { RemoteEngine } from "./remoteEngine.ts";
export { serveEngine } from "./serve.ts";
export type { EngineLoader, Loading } from "./servedConnection.ts";
export type { WebEngineOptions, WebModel } from "./webEngine.ts";
export type { WebFits, WebFitsOptions } from "./webFits.ts";
export { type EngineWorker, type EngineWorkerOptions, startEngineWorker } from "./worker.ts";
export { type WorkerFitsOptions, workerFits } from "./workerFits.ts";
