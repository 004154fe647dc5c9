/** Engines behind ports: in workers and threads. */
export { type ConnectOptions, connectEngine } from "./connect.ts";
export { type Port, type PortListener, type PortTarget, portOf } from "./port.ts";
export type { RemoteEngine } from "./remoteEngine.ts";
export { serveEngine } from "./serve.ts";
export type { EngineLoader, Loading } from "./servedConnection.ts";
