/** The embedded model behind an app, in process. */
import { afterAll, expect } from "vitest";
import { Engine, type EngineHandle } from "../../../src/core/index.ts";
import { type AppOptions, createApp } from "../../../src/server/index.ts";
import { cpuSurroundings } from "../../support/surroundings.ts";

export const model = "tiny";

export function loadTiny(): Promise<Engine> {
  return Engine.load(cpuSurroundings.embeddedModel, { backend: cpuSurroundings.backend });
}

/** The engine with another default canvas: the model's own of 128 positions takes a test long and shows no more. */
export function withCanvas(engine: Engine, genLength: number): EngineHandle {
  const { info } = engine;
  const shorter = { ...info, defaults: { ...info.defaults, genLength } };
  return new Proxy<EngineHandle>(engine, {
    get: (_, name) => {
      if (name === "info") return shorter;
      const value: unknown = Reflect.get(engine, name, engine);
      return typeof value === "function" ? value.bind(engine) : value;
    },
  });
}

/** What comes to be so, however busy the machine is. */
export const eventually: typeof expect.poll = (get) => expect.poll(get, { timeout: 60_000 });

export function appOf(handle: EngineHandle, options: Partial<AppOptions> = {}) {
  return createApp({ models: new Map([[model, handle]]), ...options });
}

/** For a file of tests: an engine, which ends with it, and its app. @param canvas the default one, in positions */
export async function openTiny(canvas?: number) {
  const engine = await loadTiny();
  afterAll(() => engine.dispose());
  return { engine, app: appOf(canvas === undefined ? engine : withCanvas(engine, canvas)) };
}

export type App = ReturnType<typeof createApp>;

/** Any JSON, as a client sees it. */
// biome-ignore lint/suspicious/noExplicitAny: what is in an answer is what the tests are about
export type Json = any;

export interface Answered {
  readonly status: number;
  readonly body: Json;
}

/** Posts a body, to which the model is added where it names none. */
export function post(app: App, path: string, body: unknown, init: RequestInit = {}) {
  const text = typeof body === "string" ? body : JSON.stringify({ model, ...(body as object) });
  return app.request(path, { method: "POST", body: text, ...init });
}

export async function answerOf(app: App, path: string, body: unknown): Promise<Answered> {
  const response = await post(app, path, body);
  return { status: response.status, body: await response.json() };
}

export const chat = "/v1/chat/completions";
export const completions = "/v1/completions";
export const infill = "/v1/infill";

export const messagesOf = (content: string) => [{ role: "user", content }];
/** One it answers in a pass or two. */
export const sort = messagesOf("sort 42 17 90");
