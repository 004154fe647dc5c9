/** Threads run what was built: Node 20 reads no TypeScript. */
const address = new URL("../../dist/node.js", import.meta.url).href;
export const { startEngineThread }: typeof import("../../src/node.ts") = await import(address);
