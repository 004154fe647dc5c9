// Run: deno run -A examples/deno/serve.ts [PORT]
//      curl http://127.0.0.1:8000/v1/models
import { startEngineThread } from "unmask/node";
import { createApp } from "unmask/server";

const { engine } = await startEngineThread();
const app = createApp({ models: new Map([["embedded", engine]]) });
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0] ?? 8000) }, app.fetch);
