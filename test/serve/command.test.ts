/** `unmask serve` in process: invalid options, and the end of a server that has lost its engines. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { namedModels } from "../../src/cli/serve/models.ts";
import { runServer } from "../../src/cli/serve/run.ts";
import { readSettings } from "../../src/cli/serve/settings.ts";
import { DiffusionError, Engine } from "../../src/core/index.ts";
import { runCommand, TestIo } from "../cli/testIo.ts";
import { LosingDevices } from "../support/losingDevices.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { sorting } from "./operated.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "unmask-serve-"));
  writeFileSync(join(folder, "empty"), "# none\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("rejects", () => {
  test.each([
    [["--port", "65536"], "'port' must be an integer at least 0 and at most 65535: found 65536"],
    [["--port", "http"], "Cannot use '--port'"],
    [["--max-body-mib", "0"], "'maxBodyMib' must be"],
    [["--log-level", "loud"], "'--log-level'"],
    [["--cors", "example.com"], "Cannot use '--cors' as it must be * or an origin"],
    [["--cors", "https://example.com/"], "Cannot use '--cors'"],
    [
      ["--model", "./a/tiny", "--model", "./b/tiny"],
      'Cannot serve two models under the same name: found "tiny"',
    ],
    [["--api-key-file", "nowhere"], "Cannot read 'nowhere' as there is no such file"],
    [["--backend", "abacus", "--decode-loop", "device"], "Cannot choose the backend"],
    [["tiny"], "too many arguments"],
  ])("%j", async (args, message) => {
    const { code, stderr, stdout } = await runCommand(["serve", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  test("keys from two sources, and a file without keys", async () => {
    const file = ["serve", "--api-key-file", join(folder, "empty")];
    expect((await runCommand(file)).stderr).toContain("as it has none");
    const both = await runCommand(file, { env: { UNMASK_API_KEYS: "k" } });
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("only one source is allowed")]);
    expect((await runCommand(["serve"], { env: { UNMASK_API_KEYS: "" } })).code).toBe(2);
  });
});

test.each([
  [[], [["embedded", undefined]]],
  [["models/tiny"], [["tiny", "models/tiny"]]],
  [["models/tiny/"], [["tiny", "models/tiny/"]]],
  [
    ["small=models/tiny", "models/tiny"],
    [
      ["small", "models/tiny"],
      ["tiny", "models/tiny"],
    ],
  ],
  [["owner/name@main"], [["owner/name", "owner/name@main"]]],
  [["https://example.com/models/llada/?a=b"], [["llada", "https://example.com/models/llada/?a=b"]]],
  [["./x=1/model"], [["model", "./x=1/model"]]],
])("the names of %j", (values, expected) => {
  expect(namedModels(values).map(({ name, model }) => [name, model])).toEqual(expected);
});

test("every setting is an option, and --help shows its default", async () => {
  const { stdout } = await runCommand(["serve", "--help"]);
  for (const [name, value] of Object.entries(readSettings({}))) {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    expect(stdout).toContain(flag);
    if (value !== false) expect(stdout).toContain(`(default: ${value})`);
  }
  expect(stdout).toContain("3 all engines lost");
});

describe("a server without engines ends with code 3", () => {
  const options = { settings: { ...readSettings({}), port: 0 }, host: "127.0.0.1", page: false };
  const listening = async (io: TestIo) => {
    await expect.poll(() => io.stdout.text).toContain("Listening on");
    return /^Listening on (\S+)/.exec(io.stdout.text)![1]!;
  };
  const never = new Promise<never>(() => {});

  test("when the last device is lost, and its request gets a 503", async () => {
    let made = 0;
    const devices = new LosingDevices(cpu(), () => ({ call: "submit", at: 1 }));
    const engine = await Engine.load(cpuSurroundings.tinyModel, {
      backend: async () => {
        if (made++ > 0) throw new Error("no other device");
        return devices.factory();
      },
    });
    const io = new TestIo();
    const code = runServer(
      io,
      new Map([["tiny", { engine, exited: never }]]),
      options,
      new AbortController().signal,
    );
    const url = await listening(io);
    const post = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(sorting),
    };
    expect((await fetch(`${url}/v1/chat/completions`, post)).status).toBe(503);
    expect(await code).toBe(3);
    expect(io.stderr.text).toContain('"msg":"engine lost"');
  });

  test("when the last of two threads has ended", async () => {
    const load = () => Engine.load(cpuSurroundings.tinyModel, { backend: cpu() });
    const [first, second] = [await load(), await load()];
    let end: (exit: { code: number; error?: unknown }) => void = () => {};
    const exited = new Promise<{ code: number; error?: unknown }>((resolve) => {
      end = resolve;
    });
    const served = new Map([
      ["a", { engine: first, exited: Promise.resolve({ code: 1, error: new Error("out of memory") }) }],
      ["b", { engine: second, exited }],
    ]);
    const io = new TestIo();
    const code = runServer(io, served, options, new AbortController().signal);
    const url = await listening(io);
    expect(await (await fetch(`${url}/health`)).json()).toEqual({
      status: "ready",
      models: { a: "lost", b: "ready" },
    });
    end({ code: 139 });
    expect(await code).toBe(3);
    expect(io.stderr.text).toContain("'a' as its engine's thread has ended: found \\\"out of memory\\\"");
    expect(io.stderr.text).toContain("'b' as its engine's thread has ended: found \\\"exit code 139\\\"");
  });

  test("disposes its engines if it cannot listen on the address", async () => {
    const engine = await Engine.load(cpuSurroundings.tinyModel, { backend: cpu() });
    const wrong = { ...options, host: "256.0.0.1" };
    const running = runServer(
      new TestIo(),
      new Map([["a", { engine, exited: never }]]),
      wrong,
      new AbortController().signal,
    );
    await expect(running).rejects.toMatchObject({ code: "io" });
    await expect(engine.generate({ prompt: "a" }).next()).rejects.toBeInstanceOf(DiffusionError);
  });

  test("rejects unknown fields with --strict, and names them without", async () => {
    const send = async (strict: boolean) => {
      const engine = await Engine.load(cpuSurroundings.tinyModel, { backend: cpu() });
      const stop = new AbortController();
      const io = new TestIo();
      const settings = readSettings({ port: "0", strict });
      const served = new Map([["a", { engine, exited: never }]]);
      const code = runServer(io, served, { settings, host: "127.0.0.1", page: false }, stop.signal);
      const body = JSON.stringify({ prompt: "a", max_tokens: 1, files: [] });
      const answer = await fetch(`${await listening(io)}/v1/completions`, { method: "POST", body });
      stop.abort();
      expect(await code).toBe(0);
      return [answer.status, answer.headers.get("x-unmask-ignored-fields")];
    };
    expect(await send(false)).toEqual([200, "files"]);
    expect(await send(true)).toEqual([400, null]);
  });

  test("warns if it listens on all addresses without keys", async () => {
    const engine = await Engine.load(cpuSurroundings.tinyModel, { backend: cpu() });
    const stop = new AbortController();
    const io = new TestIo();
    const everywhere = { ...options, host: "0.0.0.0" };
    const code = runServer(io, new Map([["a", { engine, exited: never }]]), everywhere, stop.signal);
    await expect
      .poll(() => io.stderr.text)
      .toContain("the API is open to every client that can reach this address");
    stop.abort();
    expect(await code).toBe(0);
  });
});
