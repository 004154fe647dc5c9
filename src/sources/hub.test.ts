/** Models of a hub: what is asked of it, what is kept, what is believed. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hubModel, shards, text } from "../../test/support/hubModel.ts";
import { commitOf, noise } from "../../test/support/hubServer.ts";
import { failure } from "../../test/support/loopback.ts";
import type { DownloadProgress } from "../core/weights/source.ts";
import { hub } from "./hub.ts";

const { server, folder, open, cached, expectSame } = hubModel();

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

  test.each([
    ["https://huggingface.co/org/model", "org/model", "main"],
    ["https://huggingface.co/org/model/", "org/model", "main"],
    ["http://hf.co/org/model?library=x#y", "org/model", "main"],
    ["https://huggingface.co/org/model/tree/v1.0", "org/model@v1.0", "v1.0"],
    ["https://www.huggingface.co/org/model/tree/refs%2Fpr%2F1", "org/model@refs/pr/1", "refs%2Fpr%2F1"],
    ["ENDPOINT/org/model/tree/v2", "org/model@v2", "v2"],
  ])("%s is %s", async (page, name, asked) => {
    const source = open({}, page.replace("ENDPOINT", server.endpoint));
    expect(source.name).toBe(name);
    await source.list().catch(() => {});
    expect(server.lines("hub")).toEqual([`GET /api/models/org/model/revision/${asked}?blobs=true -`]);
  });

  test.each([
    "https://huggingface.co/org",
    "https://huggingface.co/org/model/resolve/main",
    "https://huggingface.co/org/model/blob/main/config.json",
    "https://huggingface.co/org/model/tree/main/sub",
    "https://huggingface.co/org/model/tree/%",
    "https://huggingface.co/datasets/x",
    "https://huggingface.co.example.com/org/model",
    "https://example.com/org/model",
  ])("%s is no page of a model", (page) => {
    expect(() => hub(page)).toThrow(failure("invalid-request", "must be like owner/name"));
  });

  test("a revision that stands in an address too must be the same", () => {
    const page = "https://huggingface.co/org/model/tree/v1";
    expect(() => hub(page, { revision: "v2" })).toThrow(failure("invalid-request", "is given twice"));
    expect(hub(page, { revision: "v1" }).name).toBe("org/model@v1");
  });

  test("a file of which the listing tells too little refuses nothing but itself", async () => {
    const odd = [
      { rfilename: "no-size.txt", blobId: "1".repeat(40) },
      { rfilename: "no-checksum.txt", size: 5 },
      { rfilename: "lfs.bin", size: 5, lfs: {} },
      { rfilename: "negative.bin", size: -1, blobId: "1".repeat(40) },
    ];
    server.interfere = ({ line }, response) => {
      if (!line.includes("/api/")) return false;
      const { siblings, ...rest } = server.listing(server.revisions["main"]!);
      response.writeHead(200).end(JSON.stringify({ ...rest, siblings: [...siblings, ...odd] }));
      return true;
    };
    const names = [...Object.keys(server.files), ...odd.map(({ rfilename }) => rfilename)];
    for (const source of [open(), cached()]) {
      expect(await source.list()).toEqual(names);
      await expectSame(source, "config.json");
      for (const { rfilename } of odd)
        await expect(source.open(rfilename)).rejects.toEqual(failure("invalid-file", "must tell the size"));
    }
    // The cache keeps the whole listing.
    expect(await cached({ offline: true }).list()).toEqual(names);
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
    for (const name of await readdir(folder(), { recursive: true, withFileTypes: true })) {
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
    expect((await second.open(shards[0]!)).path).toContain(folder());
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
