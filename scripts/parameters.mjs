// Writes docs/parameters.md from the declarations of decoders, cache policies, smoothing, requests and the server, or with
// --check says whether it is fresh. Run after a build: node scripts/parameters.mjs [--check]
import { readFileSync, writeFileSync } from "node:fs";
import { cachePolicies, decoders, describe, requestParameters, smoothingParameters } from "unmask";
import * as foreign from "../dist/server/fields/index.js";
import { serverParameters } from "../dist/server/parameters.js";

const file = new URL("../docs/parameters.md", import.meta.url);

function table(parameters) {
  const entries = Object.entries(parameters);
  if (entries.length === 0) return "No parameters.\n";
  const rows = entries.map(([name, parameter]) => {
    return `| \`${name}\` | ${describe(parameter)} | ${parameter.default ?? "off"} | ${parameter.help} |`;
  });
  return ["| name | value | default | |", "|---|---|---|---|", ...rows, ""].join("\n");
}
function section({ name, help, source, parameters }) {
  return `### ${name}\n\n${help} Source: ${source}.\n\n${table(parameters)}`;
}

function foreignTable(fields) {
  const rows = Object.entries(fields).map(([name, { help, neutral, refused }]) => {
    const values = neutral === "any" ? "any" : foreign.inWords([...neutral, null]);
    const other = neutral === "any" ? "" : refused === undefined ? "ignored, and named" : "refused";
    return `| \`${name}\` | ${values} | ${other} | ${help} |`;
  });
  return ["| name | asks for nothing | other values | |", "|---|---|---|---|", ...rows, ""].join("\n");
}

const text = `# Parameters

Generated from the declarations: in the repository by \`node scripts/parameters.mjs\`, and a test checks that it is fresh.

## Requests

${table(requestParameters)}
## Decoders

A request names one: \`decoder: { name: "threshold", threshold: 0.8 }\`.

${decoders.map(section).join("\n")}
## Cache policies

A request names one: \`cache: { name: "dual", refreshEvery: 8 }\`.

${cachePolicies.map(section).join("\n")}
## Iteration smoothing

Off unless a request asks for it: \`smoothing: {}\`.

${table(smoothingParameters)}
## The server

Options of \`unmask serve\`, there as \`--max-requests 64\`; [deploying.md](deploying.md) has the others.

${table(serverParameters)}
## Fields of other servers

What clients of OpenAI's API, vLLM and llama.cpp send to the HTTP API and this server has not; [server.md](server.md#fields)
has the rule. In a body:

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
