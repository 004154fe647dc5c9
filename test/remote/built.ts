/** Threads run dist/, as Node 20 cannot run TypeScript. */
const address = new URL("../../dist/node.js", import.meta.url).href;
export const { startEngineThread }: typeof import("../../src/node.ts") = await import(address);
