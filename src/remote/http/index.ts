export { type ConnectingOptions, EngineServer, type ServerModel } from "./engineServer.ts";
export type { HttpEngine } from "./httpEngine.ts";
export { HttpError } from "./httpError.ts";
export type { ServerOptions } from "./serverClient.ts";
