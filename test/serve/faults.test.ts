/** Faults outside the server and below it: clients that disconnect, invalid bodies, and lost devices. */
import { request as httpRequest } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type EngineHandle } from "../../src/core/index.ts";
import type { BackendFactory } from "../../src/core/tensor/index.ts";
import { listen } from "../../src/server/listen.ts";
import { LosingDevices } from "../support/losingDevices.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { type Operated, operated, sorting } from "./operated.ts";

const cleaning: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
});

async function load(backend: BackendFactory = cpu()): Promise<Engine> {
  const engine = await Engine.load(cpuSurroundings.tinyModel, { backend });
  cleaning.push(() => engine.dispose());
  return engine;
}

/** The service behind a socket. */
async function serve(engine: EngineHandle): Promise<Operated & { readonly port: number }> {
  const service = operated({ tiny: engine });
  const options = { host: "127.0.0.1", port: 0, requestSeconds: 30, stallSeconds: 30 };
  const { port, drain } = await listen(service.fetch, options);
  cleaning.push(() => drain(0));
  return { ...service, port };
}

/** A request with one forward pass per token, slow enough to disconnect from. */
const slow = {
  ...sorting,
  diffusion: { canvas: 96, block_length: 96, decoder: { name: "fixed", steps: 96 } },
};

function send(port: number, body: string | Uint8Array) {
  const headers = { "content-type": "application/json" };
  const request = httpRequest({
    port,
    host: "127.0.0.1",
    method: "POST",
    path: "/v1/chat/completions",
    headers,
  });
  request.on("error", () => {});
  request.end(body);
  return request;
}

describe("clients that disconnect", () => {
  test.each([true, false])("abort their requests (stream: %s)", async (stream) => {
    const engine = await load();
    const { port, log } = await serve(engine);
    const clients = Array.from({ length: 3 }, () => send(port, JSON.stringify({ ...slow, stream })));
    await expect.poll(async () => (await engine.status()).active).toBe(3);
    for (const client of clients) client.destroy();
    await expect.poll(() => engine.status()).toMatchObject({ waiting: 0, active: 0, usedPositions: 0 });
    await expect.poll(() => log.length).toBe(3);
    expect(log.map(({ aborted }) => aborted)).toEqual(Array(3).fill(true));
    const { passes } = await engine.status();
    // None of the three generations was finished.
    expect(passes).toBeLessThan(96);
  });
});

test("each invalid body gets a 400, and the server continues", async () => {
  const bodies = {
    nothing: "",
    "no JSON": '{"model": "tiny", ',
    "no object": "[]",
    "invalid UTF-8": Uint8Array.of(...Buffer.from('{"model":"'), 0xff, 0xfe, ...Buffer.from('"}')),
    "half a surrogate pair": JSON.stringify({ ...sorting, messages: [{ role: "user", content: "\ud800" }] }),
    "a nesting without an end": "[".repeat(50_000),
  };
  const { post, port } = await serve(await load());
  for (const [name, body] of Object.entries(bodies)) {
    const status = await new Promise((resolve) =>
      send(port, body).on("response", (answer) => resolve(answer.resume().statusCode)),
    );
    expect([name, status]).toEqual([name, 400]);
  }
  expect((await post("/v1/chat/completions", sorting)).status).toBe(200);
});

const mixed = [0, 1, 2, 3].map((index) => ({
  ...sorting,
  messages: [{ role: "user", content: `sort ${3 + index} 1 2` }],
  seed: index,
  temperature: index % 2 === 0 ? 0 : 0.8,
  stream: index % 3 === 0,
  diffusion: {
    canvas: 32,
    decoder: { name: "fixed", steps: 5 },
    cache: { name: index % 2 ? "dual" : "none" },
  },
}));

/** Responses without their IDs and times, which differ between runs. */
async function answers({ post }: Operated): Promise<readonly string[]> {
  const all = mixed.map(async (body) => {
    const answer = await post("/v1/chat/completions", body);
    return `${answer.status} ${(await answer.text()).replaceAll(/"(id|created|queued_ms|decode_ms)":("[^"]*"|[\d.e-]+)/g, "")}`;
  });
  return Promise.all(all);
}

describe("a device that is lost under load", () => {
  test("fails no request and changes no answer", async () => {
    const calm = await answers(operated({ tiny: await load() }));
    expect(calm.every((answer) => answer.startsWith("200"))).toBe(true);
    const devices = new LosingDevices(cpu(), (device) =>
      device < 2 ? { call: "submit", at: 3 } : undefined,
    );
    const service = operated({ tiny: await load(devices.factory) });
    expect(await answers(service)).toEqual(calm);
    expect(devices.made).toBe(3);
    expect(await (await service.get("/metrics")).text()).toMatch(
      /unmask_recoveries_total\{model="tiny"\} [1-9]/,
    );
    expect((await service.get("/health")).status).toBe(200);
  });

  test("and cannot be replaced: its requests get a 503, and the fleet reports the loss", async () => {
    let made = 0;
    const devices = new LosingDevices(cpu(), () => ({ call: "submit", at: 2 }));
    const factory: BackendFactory = async () => {
      if (made++ > 0) throw new Error("no other device");
      return devices.factory();
    };
    const service = operated({ tiny: await load(factory), other: await load() });
    const lost: string[] = [];
    service.fleet.listen({ onLost: (model) => lost.push(model) });
    const { stream: _, ...whole } = mixed[0]!;
    for (let count = 0; count < 2; count++) {
      const answer = await service.post("/v1/chat/completions", whole);
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
      const message = "Cannot answer as the engine of model 'tiny' is lost";
      expect(await answer.json()).toEqual({
        error: { message, type: "server_error", param: null, code: "engine_lost" },
      });
    }
    expect(lost).toEqual(["tiny"]);
    expect(service.fleet.allLost).toBe(false);
    // The other model is still available.
    expect((await service.post("/v1/chat/completions", { ...whole, model: "other" })).status).toBe(200);
    const health = await service.get("/health");
    expect([health.status, await health.json()]).toEqual([
      200,
      { status: "ready", models: { tiny: "lost", other: "ready" } },
    ]);
    expect(await (await service.get("/metrics")).text()).toContain('unmask_engine_up{model="tiny"} 0');
  });
});
