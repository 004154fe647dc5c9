// Sends the body of standard input to an app from dist/, and prints the growth of the process's memory.
// Run: node --expose-gc peakMemory.mjs PATH < BODY
import { existsSync, readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { createApp } from "../../../dist/server/index.js";

const info = { context: 512, hasTokenizer: true, hasChatTemplate: true, decoders: [] };
const handle = {
  info,
  tokenize: async (text) => Array.from({ length: Math.min(text.length, 1000) }, () => 1),
};
/** Peak memory. On Linux `maxRSS` includes the peak of the parent process, and the kernel's VmHWM does not. */
function peakBytes() {
  const status = "/proc/self/status";
  if (!existsSync(status)) return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8"))[1]) * 1024;
}

const app = createApp({ models: new Map([["tiny", handle]]) });
const path = process.argv[2];
const send = async (body) => (await app.request(path, { method: "POST", body })).status;

const body = await buffer(process.stdin);
await send("{}");
globalThis.gc();
const before = process.memoryUsage().rss;
const status = await send(body);
const grown = peakBytes() - before;
console.log(JSON.stringify({ status, bytes: body.length, grown }));
