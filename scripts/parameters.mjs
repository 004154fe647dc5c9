// Generates docs/parameters.md from the declarations of decoders, cache policies, smoothing, requests and the server. With
// --check it only checks that the file is up to date. Run after a build: node scripts/parameters.mjs [--check]
import { readFileSync, writeFileSync } from "node:fs";
import {
  cachePolicies,
  decoders,
  describeParameter,
  referencePolicies,
  requestParameters,
  smoothingParameters,
} from "unmask";
import { serverParameters } from "unmask/server";
import * as foreign from "../dist/server/fields/index.js";

const file = new URL("../docs/parameters.md", import.meta.url);

function table(parameters) {
  const entries = Object.entries(parameters);
  if (entries.length === 0) return "No parameters.\n";
  const rows = entries.map(([name, parameter]) => {
    return `| \`${name}\` | ${describeParameter(parameter)} | ${parameter.default ?? "off"} | ${parameter.help} |`;
  });
  return ["| name | value | default | |", "|---|---|---|---|", ...rows, ""].join("\n");
}
function section({ name, help, source, parameters }, level = "###") {
  return `${level} ${name}\n\n${help} Source: ${source}.\n\n${table(parameters)}`;
}

function foreignTable(fields) {
  const rows = Object.entries(fields).map(([name, { help, neutral, rejected }]) => {
    const values = neutral === "any" ? "any" : foreign.joinedByOr([...neutral, null]);
    const other = neutral === "any" ? "" : rejected === undefined ? "ignored" : "rejected";
    return `| \`${name}\` | ${values} | ${other} | ${help} |`;
  });
  return ["| name | accepted values | other values | |", "|---|---|---|---|", ...rows, ""].join("\n");
}

const text = `# Parameters

Generated from the declarations: in the repository by \`node scripts/parameters.mjs\`. A test checks that the page is up to date.

## Requests

${table(requestParameters)}
## Decoders

A request selects one by name: \`decoder: { name: "threshold", threshold: 0.8 }\`.

${decoders.map((decoder) => section(decoder)).join("\n")}
## Cache policies

A request selects one by name: \`cache: { name: "dual", refreshEvery: 8 }\`.

${cachePolicies
  .filter((policy) => !referencePolicies.includes(policy))
  .map((policy) => section(policy))
  .join("\n")}
### Reference policies

Cache policies for comparison, not for speed: each makes the passes of a published implementation one for one. The host plans these
passes, so the decode loop runs on the host.

${referencePolicies.map((policy) => section(policy, "####")).join("\n")}
## Iteration smoothing

Off by default; \`smoothing: {}\` enables it.

${table(smoothingParameters)}
## The server

Options of \`unmask serve\`, for example \`--max-requests 64\`. The other options are in [deploying.md](deploying.md).

${table(serverParameters)}
## Fields of other servers

Fields that clients of OpenAI's API, vLLM and llama.cpp send and that this server does not implement.
[server.md](server.md#fields) explains how they are handled. In a body:

${foreignTable(foreign.bodyFields)}
In a message:

${foreignTable(foreign.messageFields)}
In a part of a message:

${foreignTable(foreign.partFields)}
In \`stream_options\`:

${foreignTable(foreign.streamOptionFields)}`;

if (process.argv.includes("--check")) {
  if (readFileSync(file, "utf8") !== text) {
    console.error("docs/parameters.md is out of date: run `npm run build && node scripts/parameters.mjs`");
    process.exit(1);
  }
} else writeFileSync(file, text);
