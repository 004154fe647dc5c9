import type { ReadingOptions } from "../schema/index.ts";
import type { Models } from "./models.ts";

/** Options of all endpoints of an app. */
export interface RouteOptions extends ReadingOptions {
  readonly models: Models;
  readonly heartbeatMs: number;
}
