// Asks an app, built in dist/, with the body of standard input, and tells by how much the process has grown meanwhile.
// Run: node --expose-gc peakMemory.mjs PATH < BODY
import { existsSync, readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { createApp } from "../../../dist/server/index.js";

const info = { context: 512, hasTokenizer: true, hasChatTemplate: true, decoders: [] };
const handle = {
  info,
  tokenize: async (text) => Array.from({ length: Math.min(text.length, 1000) }, () => 1),
};
/** On Linux `maxRSS` is at least that of the process that started this one, and the kernel's own status is not. */
function peakBytes() {
  const status = "/proc/self/status";
  if (!existsSync(status)) return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8"))[1]) * 1024;
}

const app = createApp({ models: new Map([["tiny", handle]]) });
const path = process.argv[2];
const ask = async (body) => (await app.request(path, { method: "POST", body })).status;

const body = await buffer(process.stdin);
await ask("{}");
globalThis.gc();
const before = process.memoryUsage().rss;
const status = await ask(body);
const grown = peakBytes() - before;
console.log(JSON.stringify({ status, bytes: body.length, grown }));
