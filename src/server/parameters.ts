/** The settings of a server. The options of `unmask serve` and a table of docs/parameters.md derive from them. */
import { boolean, choice, integer } from "../core/declare/index.ts";
import { logLevels } from "./log.ts";

export const serverParameters = {
  port: integer({
    default: 8000,
    minimum: 0,
    maximum: 65535,
    help: "port to listen on; 0 selects a free port",
  }),
  maxBodyMib: integer({
    default: 8,
    minimum: 1,
    maximum: 1024,
    help: "maximum size of a request body in MiB",
  }),
  maxRequests: integer({
    default: 256,
    minimum: 1,
    help: "maximum number of concurrent requests, including queued ones; further requests get a 429",
  }),
  requestSeconds: integer({
    default: 30,
    minimum: 1,
    help: "timeout for the headers of a request, for its body and for an idle connection, in seconds",
  }),
  stallSeconds: integer({
    default: 120,
    minimum: 1,
    help: "seconds without reading after which a slow client is disconnected",
  }),
  drainSeconds: integer({
    default: 60,
    minimum: 0,
    help: "maximum time for running requests to finish at shutdown, in seconds",
  }),
  strict: boolean({
    default: false,
    help: "reject requests with unknown fields; by default these are ignored and named in a response header",
  }),
  logLevel: choice(logLevels, { default: "info", help: "minimum level of log messages" }),
  logPrompts: boolean({ default: false, help: "log request bodies, which contain the users' prompts" }),
} as const;
