import type { Models } from "./models.ts";

/** What an app's endpoints have in common. */
export interface RouteOptions {
  readonly models: Models;
  readonly heartbeatMs: number;
}
