// What a page bundles: every entry point that needs nothing but a browser.
import { Engine } from "unmask";
import { auto } from "unmask/auto";
import { cpu } from "unmask/cpu";
import { connectEngine, serveEngine } from "unmask/remote";
import { createApp } from "unmask/server";
import { hub, memory, opfsCache } from "unmask/sources";
import { visibleKeys } from "unmask/tensor";
import { wasm } from "unmask/wasm";
import { webgpu } from "unmask/webgpu";

export const parts = {
  auto,
  connectEngine,
  cpu,
  createApp,
  hub,
  opfsCache,
  serveEngine,
  visibleKeys,
  webgpu,
};

/** The answer to a question, by the model that these files are. */
export async function answer(files, content) {
  const engine = await Engine.load(memory(files), { backend: wasm() });
  for await (const event of engine.generate({ messages: [{ role: "user", content }] })) {
    if (event.type === "done") return event.text;
  }
}
