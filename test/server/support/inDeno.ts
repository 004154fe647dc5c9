/** Serves the API under Deno, and prints the answer that the official client gets. */
import OpenAI from "openai";
import { appOf, loadTiny, model, sort } from "./tiny.ts";

declare const Deno: {
  serve(
    options: { port: number; onListen(address: { port: number }): void },
    handler: (request: Request) => Response | Promise<Response>,
  ): { shutdown(): Promise<void> };
};

const engine = await loadTiny();
const app = appOf(engine);
const port = await new Promise<number>((resolve) => {
  Deno.serve({ port: 0, onListen: (address) => resolve(address.port) }, app.fetch);
});
const client = new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${port}/v1` });
const messages = sort as { role: "user"; content: string }[];
let text = "";
for await (const chunk of await client.chat.completions.create({ model, messages, stream: true }))
  text += chunk.choices[0]?.delta.content ?? "";
const abandoned = await client.chat.completions.create({ model, messages, stream: true });
for await (const _ of abandoned) break;
while ((await engine.status()).active > 0) await new Promise((resolve) => setTimeout(resolve, 5));
console.log(text);
globalThis.process.exit(0);
