/** The model models/tiny behind an app, in process. */
import { afterAll, expect } from "vitest";
import { Engine, type EngineHandle } from "../../../src/core/index.ts";
import { type AppOptions, createApp } from "../../../src/server/index.ts";
import { cpuSurroundings } from "../../support/surroundings.ts";

export const model = "tiny";

export function loadTiny(): Promise<Engine> {
  return Engine.load(cpuSurroundings.tinyModel, { backend: cpuSurroundings.backend });
}

/** The engine with another default canvas, as tests with the model's 128 positions would be slow. */
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

/** Polls with a timeout that is long enough for a busy machine. */
export const eventually: typeof expect.poll = (get) => expect.poll(get, { timeout: 60_000 });

export function appOf(handle: EngineHandle, options: Partial<AppOptions> = {}) {
  return createApp({ models: new Map([[model, handle]]), ...options });
}

/** An engine for the tests of a file, and its app. @param canvas default length of the canvas */
export async function openTiny(canvas?: number) {
  const engine = await loadTiny();
  afterAll(() => engine.dispose());
  return { engine, app: appOf(canvas === undefined ? engine : withCanvas(engine, canvas)) };
}

export type App = ReturnType<typeof createApp>;

/** Any JSON, without types as a client sees it. */
// biome-ignore lint/suspicious/noExplicitAny: the tests check the types of responses themselves
export type Json = any;

export interface Answered {
  readonly status: number;
  readonly body: Json;
}

/** Posts a body. An object without a model gets the default model. */
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
/** A conversation that takes one or two passes. */
export const sort = messagesOf("sort 42 17 90");
