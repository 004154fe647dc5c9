/** Models of a hub: what is asked of it, what is kept, what is believed. */
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commitOf, hubServer, noise, sha256 } from "../../test/support/hubServer.ts";
import { failure } from "../../test/support/loopback.ts";
import type { DownloadProgress } from "../core/weights/source.ts";
import { diskCache } from "./diskCache.ts";
import { type HubOptions, hub } from "./hub.ts";

const server = hubServer();
const text = (content: string) => new TextEncoder().encode(content);
const shards = ["model-1.safetensors", "model-2.safetensors", "model-3.safetensors"];
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

const open = (options: HubOptions = {}, id = server.id) => hub(id, { endpoint: server.endpoint, ...options });
const cached = (options: HubOptions = {}) => open({ cache: diskCache(folder), ...options });
/** Reads a whole file, and compares it with the server's. */
const expectSame = async (source: ReturnType<typeof hub>, name: string) => {
  const file = await source.open(name);
  expect(sha256(await file.read(0, file.size))).toBe(sha256(server.files[name]!));
};

describe("without a cache", () => {
  test("the revision is resolved once, and all files are of its commit", async () => {
    const source = open();
    expect(source.name).toBe("org/model");
    expect(await source.list()).toEqual(["config.json", "sub/notes.md", ...shards]);
    await expectSame(source, "sub/notes.md");
    const commit = server.revisions["main"];
    server.revisions["main"] = commitOf("second");
    server.revisions["old"] = commit!;
    await source.open("config.json");
    expect(server.lines("hub")).toEqual([
      "GET /api/models/org/model/revision/main?blobs=true -",
      `GET /org/model/resolve/${commit}/sub/notes.md -`,
      `GET /org/model/resolve/${commit}/config.json -`,
    ]);
  });

  test("of weights only what is asked for is read", async () => {
    const file = await open().open(shards[0]!);
    expect(file.size).toBe(300_000);
    expect(await file.read(1000, 10)).toEqual(server.files[shards[0]!]!.subarray(1000, 1010));
    expect(server.sentBytes).toBe(11);
    expect(open().download).toBeUndefined();
  });

  test("a small file that is not what the listing says is refused", async () => {
    const source = open();
    await source.list();
    server.files = { ...server.files, "config.json": text('{"model_type":"LLADA"}') };
    await expect(source.open("config.json")).rejects.toEqual(failure("io", "its checksum must be"));
  });

  test.each([
    ["org/model@v1.0", {}, "v1.0"],
    ["org/model", { revision: "refs/pr/1" }, "refs%2Fpr%2F1"],
  ])("%s with %j asks for revision %s", async (id, options, asked) => {
    await expect(open(options, id).list()).rejects.toEqual(
      failure("not-found", "none of this name and revision"),
    );
    expect(server.lines("hub")).toEqual([`GET /api/models/org/model/revision/${asked}?blobs=true -`]);
  });

  test.each([
    "model",
    "org/model/x",
    "org/../x",
    "../model",
    "org/mo del",
    "org/model@",
    "https://x/y",
    "./org",
  ])("%s is no id", (id) => {
    expect(() => hub(id)).toThrow(failure("invalid-request", "must be like owner/name"));
  });

  test("a revision that is given twice, and other options that cannot be, are refused", () => {
    expect(() => hub("a/b@x", { revision: "y" })).toThrow(failure("invalid-request", "is given twice"));
    expect(() => hub("a/b", { endpoint: "file:///x" })).toThrow(failure("invalid-request", "http or https"));
    expect(() => hub("a/b", { parallel: 0 })).toThrow(failure("invalid-request", "'parallel'"));
    expect(() => hub("a/b", { offline: true })).toThrow(failure("invalid-request", "only in a cache"));
  });

  test("a listing that is none is refused", async () => {
    server.interfere = (_, response) => {
      response.writeHead(200).end('{"sha":"x","siblings":[]}');
      return true;
    };
    await expect(open().list()).rejects.toEqual(failure("invalid-file", "'sha' must be a commit"));
  });
});

describe("a token", () => {
  test("goes to the endpoint alone, never on to where it redirects", async () => {
    const source = cached({ token: "hf_secret" });
    await source.open("config.json");
    const file = await source.open(shards[0]!);
    await file.read(0, 10);
    await source.download!(shards);
    const sentTo = (host: string) =>
      server.asked.filter((asked) => asked.host === host).map(({ headers }) => headers.authorization);
    expect(new Set(sentTo("hub"))).toEqual(new Set(["Bearer hf_secret"]));
    expect(sentTo("cdn").length).toBeGreaterThan(4);
    expect(new Set(sentTo("cdn"))).toEqual(new Set([undefined]));
    for (const name of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (name.isFile())
        expect(await readFile(join(name.parentPath, name.name), "utf8")).not.toContain("hf_secret");
    }
  });

  test.each([401, 403])(
    "that does not suffice, or none, is refused with %d, and never told",
    async (status) => {
      server.interfere = (_, response) => {
        response.writeHead(status).end();
        return true;
      };
      const refusal = await open({ token: "hf_secret" })
        .list()
        .catch((error) => error);
      expect(refusal).toEqual(failure("io", `(may the token read it?): found status ${status}`));
      expect(refusal.message).not.toContain("hf_secret");
      await expect(open().list()).rejects.toEqual(failure("io", "does it need a token?"));
      expect(server.asked).toHaveLength(2);
    },
  );
});

describe("with a cache", () => {
  test("what was downloaded is not asked for again", async () => {
    const first = cached();
    await expectSame(first, "config.json");
    expect(await first.download!(shards)).toBe(true);
    const before = server.asked.length;
    const second = cached();
    expect(await second.download!(shards)).toBe(false);
    for (const name of Object.keys(server.files)) {
      if (name !== "sub/notes.md") await expectSame(second, name);
    }
    expect(server.asked.slice(before).map(({ line }) => line)).toEqual([
      "GET /api/models/org/model/revision/main?blobs=true -",
    ]);
    expect((await second.open(shards[0]!)).path).toContain(folder);
  });

  test("a new revision shares the files that stayed the same", async () => {
    await cached().download!(shards);
    server.revisions = { main: commitOf("second") };
    server.files = { ...server.files, [shards[1]!]: noise(1000, 7) };
    server.sentBytes = 0;
    const source = cached();
    expect(await source.download!(shards)).toBe(true);
    expect(server.sentBytes).toBe(1000);
    await expectSame(source, shards[1]!);
  });

  test("progress is told in bytes, and ends with all", async () => {
    const told: DownloadProgress[] = [];
    await cached().download!(shards, { onProgress: (progress) => told.push(progress) });
    const all = 900_003;
    expect(told.at(-1)).toEqual({ loadedBytes: all, totalBytes: all, receivedBytes: all });
    expect(told.every(({ loadedBytes }, i) => loadedBytes >= (told[i - 1]?.loadedBytes ?? 0))).toBe(true);
  });

  test.each([
    [1, 1],
    [2, 2],
  ])("with parallel %d, at most %d files are under way at a time", async (parallel, most) => {
    let now = 0;
    let peak = 0;
    server.pace = { bytes: 100_000, ms: 5 };
    server.interfere = ({ host }, response) => {
      if (host === "cdn") {
        peak = Math.max(peak, ++now);
        response.on("close", () => now--);
      }
      return false;
    };
    await cached({ parallel }).download!(shards);
    expect(peak).toBe(most);
  });

  test("offline, everything comes from the cache, and nothing is sent", async () => {
    const first = cached();
    await expectSame(first, "config.json");
    await first.download!(shards);
    const before = server.asked.length;
    const offline = cached({ offline: true });
    expect(await offline.list()).toEqual(Object.keys(server.files));
    expect(await offline.download!(shards)).toBe(false);
    await expectSame(offline, shards[2]!);
    await expect(offline.open("sub/notes.md")).rejects.toEqual(
      failure("not-found", "found no sound 'sub/notes.md'"),
    );
    await expect(cached({ offline: true, revision: "dev" }).list()).rejects.toEqual(
      failure("not-found", "found no sound revision 'dev'"),
    );
    expect(server.asked).toHaveLength(before);
  });
});

describe("what goes wrong", () => {
  const isShard = (line: string) => line.includes(shards[0]!);

  test("a shard that comes damaged is detected and fetched again", async () => {
    let damaged = 0;
    server.interfere = ({ host, line }, response) => {
      if (host !== "cdn" || !isShard(line) || damaged++ > 0) return false;
      const bytes = server.files[shards[0]!]!.slice();
      bytes[150_000]! ^= 1;
      response.writeHead(206, { "content-range": `bytes 0-299999/300000` }).end(bytes);
      return true;
    };
    const source = cached();
    const told: DownloadProgress[] = [];
    await source.download!(shards, { onProgress: (progress) => told.push(progress) });
    await expectSame(source, shards[0]!);
    expect(damaged).toBe(2);
    expect(told.at(-1)).toMatchObject({ loadedBytes: 900_003, receivedBytes: 1_200_003 });
  });

  test("a shard that comes damaged twice is an error, and nothing of it is kept", async () => {
    server.interfere = ({ host, line }, response) => {
      if (host !== "cdn" || !isShard(line)) return false;
      response.writeHead(200).end(noise(300_000, 99));
      return true;
    };
    const wanted = sha256(server.files[shards[0]!]!);
    await expect(cached().download!([shards[0]!])).rejects.toEqual(
      failure("io", `its checksum must be ${wanted}: found ${sha256(noise(300_000, 99))}`),
    );
    expect(await diskCache(folder).list()).not.toContain(`blobs/sha256-${wanted}`);
  });

  test("a shard that was damaged in the cache is detected and fetched again", async () => {
    await cached().download!(shards);
    const name = `blobs/sha256-${sha256(server.files[shards[1]!]!)}`;
    const path = join(folder, name);
    const bytes = await readFile(path);
    bytes[7]! ^= 1;
    await writeFile(path, bytes);
    const source = cached();
    expect(await source.download!(shards)).toBe(true);
    await expectSame(source, shards[1]!);
    // One that was only touched is checked, and kept.
    await utimes(path, 1, 1);
    expect(await cached().download!(shards)).toBe(false);
  });

  test("connections that are cut go on where they were cut", async () => {
    const cuts = [0, 1, 100_000, 299_999];
    server.interfere = ({ host, line }, response) => {
      if (host !== "cdn" || !isShard(line) || cuts.length === 0) return false;
      const bytes = server.files[shards[0]!]!;
      const start = Number(/bytes=(\d+)-/.exec(line)![1]);
      const end = Math.max(start, cuts.shift()!);
      response.writeHead(206, {
        "content-range": `bytes ${start}-299999/300000`,
        "content-length": 300_000 - start,
      });
      response.write(bytes.subarray(start, end), () => setTimeout(() => response.destroy(), 20));
      return true;
    };
    const source = cached();
    await source.download!([shards[0]!]);
    await expectSame(source, shards[0]!);
    const ranges = server.lines("cdn").map((line) => line.split(" ").at(-1));
    expect(ranges).toEqual([0, 0, 1, 100_000, 299_999].map((start) => `bytes=${start}-299999`));
  });

  test.each([429, 500, 503])(
    "status %d is tried again, after as long as the server asks for",
    async (status) => {
      const times: number[] = [];
      server.interfere = ({ line }, response) => {
        if (!isShard(line)) return false;
        times.push(performance.now());
        if (times.length > 1) return false;
        response.writeHead(status, { "retry-after": "1" }).end();
        return true;
      };
      await cached().download!([shards[0]!]);
      expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(990);
    },
  );

  test("a server that wants to be left alone for long is an error", async () => {
    server.interfere = (_, response) => {
      response.writeHead(429, { "retry-after": "3600" }).end();
      return true;
    };
    await expect(cached().list()).rejects.toEqual(
      failure("io", '"status 429", to be tried again after 3600 s'),
    );
    expect(server.asked).toHaveLength(1);
  });

  test("the first failure ends the downloads beside it, which go on from there the next time", async () => {
    // So slow that the others are far from their end when one fails, on a busy machine too.
    const { pace } = server;
    server.pace = { bytes: 50_000, ms: 200 };
    server.interfere = ({ host, line }, response) => {
      if (host !== "cdn" || !line.includes(shards[2]!)) return false;
      server.onSent = (bytes) => {
        if (bytes >= 100_000 && !response.headersSent) response.writeHead(404).end();
      };
      return true;
    };
    await expect(cached().download!(shards)).rejects.toEqual(failure("not-found", "found status 404"));
    const sent = server.sentBytes;
    expect(sent).toBeLessThan(600_000);
    Object.assign(server, { pace, interfere: () => false, onSent: () => {} });
    const source = cached();
    const told: DownloadProgress[] = [];
    await source.download!(shards, { onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)!.receivedBytes).toBeLessThan(900_003);
    for (const name of shards) await expectSame(source, name);
  });

  test("an abort ends a download, which goes on from there the next time", async () => {
    const controller = new AbortController();
    server.pace = { bytes: 50_000, ms: 20 };
    server.onSent = (bytes) => {
      if (bytes >= 150_000) controller.abort("enough");
    };
    const { signal } = controller;
    await expect(cached().download!([shards[0]!], { signal })).rejects.toMatchObject({
      code: "aborted",
      cause: "enough",
    });
    server.onSent = () => {};
    const told: DownloadProgress[] = [];
    const source = cached();
    await source.download!([shards[0]!], { onProgress: (progress) => told.push(progress) });
    expect(told[0]!.receivedBytes).toBe(0);
    expect(told[0]!.loadedBytes).toBeGreaterThanOrEqual(100_000);
    expect(told.at(-1)!.receivedBytes).toBe(300_000 - told[0]!.loadedBytes);
    await expectSame(source, shards[0]!);
  });

  test("a server without ranges sends all of it again", async () => {
    const controller = new AbortController();
    server.pace = { bytes: 50_000, ms: 20 };
    server.onSent = () => controller.abort();
    await expect(cached().download!([shards[0]!], { signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    server.interfere = ({ host }, response) => {
      if (host === "cdn") response.writeHead(200).end(server.files[shards[0]!]);
      return host === "cdn";
    };
    const source = cached();
    await source.download!([shards[0]!]);
    await expectSame(source, shards[0]!);
  });
});
