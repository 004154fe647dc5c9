import type { ReadingOptions } from "../schema/index.ts";
import type { Models } from "./models.ts";

/** What an app's endpoints have in common. */
export interface RouteOptions extends ReadingOptions {
  readonly models: Models;
  readonly heartbeatMs: number;
}
