/** Downloads by killed processes, and by several processes at a time. Runs the built package. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { diskCache } from "../../src/node.ts";
import { hub } from "../../src/sources/index.ts";
import { hubServer, noise, sha256 } from "../support/hubServer.ts";

const script = fileURLToPath(new URL("../support/downloadModel.mjs", import.meta.url));
const deno = fileURLToPath(new URL("../../node_modules/.bin/deno", import.meta.url));
const shards = ["model-1.safetensors", "model-2.safetensors", "model-3.safetensors"];
const shardBytes = 20 * 2 ** 20;
const contents = shards.map((_, i) => noise(shardBytes + i, i));
const server = hubServer();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unmask-killed-"));
  server.files = {
    "config.json": new TextEncoder().encode("{}"),
    ...Object.fromEntries(shards.map((name, i) => [name, contents[i]!])),
  };
  server.pace = { bytes: 128 * 1024, ms: 0 };
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Child {
  readonly process: ChildProcess;
  /** The exit code, and the text of stderr. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly errors: string;
  }>;
}

function start(runtime: readonly string[] = [process.execPath]): Child {
  const [command, ...args] = [...runtime, script, server.endpoint, folder, ...shards];
  const child = spawn(command!, args, {
    env: { ...process.env, HF_TOKEN: "hf_secret" },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended: Child["ended"] = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, errors }));
  });
  return { process: child, ended };
}
const done = { code: 0, signal: null, errors: "" };

async function expectSame(): Promise<void> {
  const source = hub(server.id, { endpoint: server.endpoint, cache: diskCache(folder), offline: true });
  for (const [i, name] of shards.entries()) {
    const file = await source.open(name);
    expect(sha256(await file.read(0, file.size))).toBe(sha256(contents[i]!));
  }
}

/** Every file that is named by a checksum has that checksum. */
async function expectOnlyIntact(): Promise<void> {
  for (const name of await diskCache(folder).list()) {
    const [, hex] = /^blobs\/sha256-([0-9a-f]{64})$/.exec(name) ?? [];
    if (hex) expect(sha256(readFileSync(join(folder, name)))).toBe(hex);
  }
}

test("a download that is killed at twenty random points and resumed has the right bytes", async () => {
  const points: string[] = [];
  let kills = 0;
  for (let round = 0; round < 20; round++) {
    const child = start();
    const kill = () => child.process.kill("SIGKILL");
    server.interfere = () => false;
    if (round % 2 === 0) {
      // While bytes are received.
      const after = server.sentBytes + Math.floor(Math.random() * 10 * 2 ** 20);
      points.push(`${after} bytes`);
      server.onSent = (bytes) => bytes >= after && kill();
    } else {
      // At any time after the first request: during verification, writing or renaming.
      const ms = Math.floor(Math.random() * 120);
      points.push(`${ms} ms`);
      server.onSent = () => {};
      server.interfere = () => {
        setTimeout(kill, ms);
        return false;
      };
    }
    const { signal, code, errors } = await child.ended;
    expect(errors, points.join(", ")).toBe("");
    if (signal === "SIGKILL") kills++;
    else expect(code).toBe(0);
    await expectOnlyIntact();
  }
  server.onSent = () => {};
  server.interfere = () => false;
  expect(await start().ended, points.join(", ")).toEqual(done);
  await expectSame();
  expect(kills, points.join(", ")).toBeGreaterThanOrEqual(15);
  let resumed = 0;
  for (const name of shards) {
    const starts = server
      .lines("cdn")
      .filter((line) => line.includes(name))
      .map((line) => Number(/bytes=(\d+)-/.exec(line)![1]));
    // No request covers bytes that had been written before.
    expect(starts, points.join(", ")).toEqual([...starts].sort((a, b) => a - b));
    resumed += starts.filter((start) => start > 0).length;
  }
  expect(resumed, points.join(", ")).toBeGreaterThanOrEqual(5);
});

test("two processes at once download each file once", async () => {
  const [first, second] = [start(), start()];
  expect(await first.ended).toEqual(done);
  expect(await second.ended).toEqual(done);
  await expectSame();
  const names = server.lines("cdn").map((line) => /model-\d/.exec(line)![0]);
  expect(names.sort()).toEqual(["model-1", "model-2", "model-3"]);
});

test("if one of two processes is killed, the other one continues", async () => {
  const first = start();
  await new Promise<void>((resolve) => {
    server.onSent = (bytes) => bytes > 8 * 2 ** 20 && resolve();
  });
  server.onSent = () => {};
  server.pace = { bytes: 1024, ms: 50 };
  const second = start();
  const listings = () => server.lines("hub").filter((line) => line.includes("/api/")).length;
  await expect.poll(listings).toBe(2);
  server.pace = { bytes: 2 ** 17, ms: 0 };
  first.process.kill("SIGKILL");
  expect((await first.ended).signal).toBe("SIGKILL");
  expect(await second.ended).toEqual(done);
  await expectSame();
  const starts = server.lines("cdn").map((line) => Number(/bytes=(\d+)-/.exec(line)![1]));
  expect(Math.max(...starts)).toBeGreaterThan(2 ** 20);
});

test("Deno resumes the download of a killed Node, and sends the token to the hub only", async () => {
  const node = start();
  server.onSent = (bytes) => bytes > 20 * 2 ** 20 && node.process.kill("SIGKILL");
  expect((await node.ended).signal).toBe("SIGKILL");
  server.onSent = () => {};
  expect(await start([deno, "run", "-A"]).ended).toEqual(done);
  await expectSame();
  const starts = server.lines("cdn").map((line) => Number(/bytes=(\d+)-/.exec(line)![1]));
  expect(Math.max(...starts)).toBeGreaterThan(2 ** 20);
  for (const { host, headers } of server.requests) {
    expect(headers.authorization).toBe(host === "hub" ? "Bearer hf_secret" : undefined);
  }
});
