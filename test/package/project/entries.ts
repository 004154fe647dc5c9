// What a program in TypeScript does with each entry point but the server's.
import {
  type Decoder,
  DiffusionError,
  decoder,
  Engine,
  type EngineHandle,
  type GenerateEvent,
  traceHeader,
  traceLine,
} from "unmask";
import { type AutoOptions, auto } from "unmask/auto";
import { cpu } from "unmask/cpu";
import { directory, diskCache, embeddedModel, startEngineThread } from "unmask/node";
import {
  connectEngine,
  type EngineLoader,
  EngineServer,
  type Loading,
  type PortTarget,
  serveEngine,
  startEngineWorker,
} from "unmask/remote";
import { hub, memory, opfsCache, url } from "unmask/sources";
import type { Backend, BackendFactory } from "unmask/tensor";
import { wasm } from "unmask/wasm";
import { webgpu } from "unmask/webgpu";

/** A decoder of one's own need not be published anywhere. */
export const leftmost: Decoder = decoder({
  name: "leftmost",
  help: "Commits the leftmost open position.",
  parameters: {},
  commit({ open, token }, _parameters, out) {
    const [first] = open;
    if (first !== undefined) out.commit(first, token[first] ?? 0);
  },
});

export function backendOf(name: string, options: AutoOptions): BackendFactory {
  if (name === "wasm") return wasm({ threads: 2 });
  return name === "cpu" ? cpu() : name === "gpu" ? webgpu() : auto(options);
}
export const nameOf = async (factory: BackendFactory): Promise<Backend["name"]> => (await factory()).name;

export function sourceOf(path: string) {
  if (path === "") return embeddedModel();
  if (path.startsWith("https:")) return url(path);
  return path.startsWith("hub:") ? hub(path.slice(4), { cache: diskCache() }) : directory(path);
}
export const inBrowser = () => hub("owner/name", { cache: opfsCache({ folder: "models" }) });
export const bundled = (files: Readonly<Record<string, Uint8Array>>) => memory(files);

/** What a worker does. */
export const load: EngineLoader = (loading: Loading) =>
  Engine.load(sourceOf(""), { backend: cpu(), decoders: [leftmost], ...loading });
export const serve = (port: PortTarget) => serveEngine(port, load);

/** What a page does with the ready-made worker. */
export const inWorker = (worker: Parameters<typeof startEngineWorker>[0]) =>
  startEngineWorker(worker, { model: "owner/name", backend: "cpu" });

/** What its caller does. */
export async function answer(engine: EngineHandle, prompt: string): Promise<string | undefined> {
  let last: GenerateEvent | undefined;
  const request = { prompt, genLength: 8, decoder: { name: "leftmost" } };
  for await (const event of engine.generate(request)) last = event;
  if (last?.type !== "done") throw new DiffusionError("internal", "no end");
  return traceLine(traceHeader(engine, request)) + last.text;
}
export async function ask(port: PortTarget, prompt: string): Promise<string | undefined> {
  const engine = await connectEngine(port, { window: 4 });
  const { context, weightBytes } = await engine.plan();
  const [row] = await engine.logits([1, 2]);
  const text = await answer(engine, `${prompt} ${context} ${weightBytes} ${row?.length}`);
  await engine.dispose();
  return text;
}
export async function askServer(address: string, prompt: string): Promise<string | undefined> {
  const server = new EngineServer(address, { key: "secret" });
  const [model] = await server.models();
  return answer(await server.engine(model?.name ?? "tiny"), prompt);
}
export const inThread = () => startEngineThread({ backend: "cpu" });
