/** Serves the API under Deno, and prints the answers that the official client and an `EngineServer` get. */
import OpenAI from "openai";
import { EngineServer } from "../../../src/remote/index.ts";
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
const remote = await new EngineServer(`http://127.0.0.1:${port}`).engine(model);
let remoteText: string | undefined;
for await (const event of remote.generate({ messages })) if (event.type === "done") remoteText = event.text;
for await (const _ of remote.generate({ messages })) break;
while ((await engine.status()).active > 0) await new Promise((resolve) => setTimeout(resolve, 5));
console.log(text);
console.log(remoteText);
globalThis.process.exit(0);
