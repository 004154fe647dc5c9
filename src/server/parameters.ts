/** What an operator may set: options of `unmask serve` and the table of docs/deploying.md derive from it. */
import { boolean, choice, integer } from "../core/declare/index.ts";
import { logLevels } from "./log.ts";

export const serverParameters = {
  port: integer({
    default: 8000,
    minimum: 0,
    maximum: 65535,
    help: "where to listen; 0 takes any that is free",
  }),
  maxBodyMib: integer({
    default: 8,
    minimum: 1,
    maximum: 1024,
    help: "the largest body of a request, in MiB",
  }),
  maxRequests: integer({
    ...{ default: 256, minimum: 1 },
    help: "the most requests under way, those that wait for their model among them; more get a 429",
  }),
  requestSeconds: integer({
    ...{ default: 30, minimum: 1 },
    help: "how long the headers of a request may take to arrive, and then its body; connections that send nothing for so long are closed",
  }),
  stallSeconds: integer({
    ...{ default: 120, minimum: 1 },
    help: "how long a client may take nothing of an answer before its connection is closed",
  }),
  drainSeconds: integer({
    ...{ default: 60, minimum: 0 },
    help: "how long the requests under way may take when the server is told to end",
  }),
  strict: boolean({
    default: false,
    help: "refuse requests with fields that the server does not know, instead of naming these in a header of the answer",
  }),
  logLevel: choice(logLevels, { default: "info", help: "the least that is logged" }),
  logPrompts: boolean({ default: false, help: "log the bodies of requests, which hold what people wrote" }),
} as const;
