/** A model with three shards on a local hub, and a cache folder, both new for each test. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { diskCache } from "../../src/sources/diskCache.ts";
import { type HubOptions, hub } from "../../src/sources/hub.ts";
import { hubServer, noise, sha256 } from "./hubServer.ts";

export const shards = ["model-1.safetensors", "model-2.safetensors", "model-3.safetensors"] as const;
export const text = (content: string) => new TextEncoder().encode(content);

/** Call once per test file. */
export function hubModel() {
  const server = hubServer();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "unmask-hub-"));
    server.files = {
      "config.json": text('{"model_type":"llada"}'),
      "sub/notes.md": text("# notes"),
      ...Object.fromEntries(shards.map((name, i) => [name, noise(300_000 + i, i)])),
    };
  });
  afterEach(() => rm(folder, { recursive: true }));
  const open = (options: HubOptions = {}, id: string = server.id) =>
    hub(id, { endpoint: server.endpoint, ...options });
  return {
    server,
    /** The cache's folder. */
    folder: () => folder,
    open,
    cached: (options: HubOptions = {}) => open({ cache: diskCache(folder), ...options }),
    /** Reads a file completely and compares it with the server's. */
    expectSame: async (source: ReturnType<typeof hub>, name: string) => {
      const file = await source.open(name);
      expect(sha256(await file.read(0, file.size))).toBe(sha256(server.files[name]!));
    },
  };
}
