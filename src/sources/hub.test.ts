/** Models of a hub: which requests are sent, which files are kept, and what is verified. */
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

  test("only the requested bytes of weights are read", async () => {
    const file = await open().open(shards[0]!);
    expect(file.size).toBe(300_000);
    expect(await file.read(1000, 10)).toEqual(server.files[shards[0]!]!.subarray(1000, 1010));
    expect(server.sentBytes).toBe(11);
    expect(open().download).toBeUndefined();
  });

  test("a small file with another checksum than in the listing is refused", async () => {
    const source = open();
    await source.list();
    server.files = { ...server.files, "config.json": text('{"model_type":"LLADA"}') };
    await expect(source.open("config.json")).rejects.toEqual(failure("io", "its checksum must be"));
  });

  test.each([
    ["org/model@v1.0", {}, "v1.0"],
    ["org/model", { revision: "refs/pr/1" }, "refs%2Fpr%2F1"],
  ])("%s with %j requests revision %s", async (id, options, revision) => {
    await expect(open(options, id).list()).rejects.toEqual(
      failure("not-found", "no model with this id and revision"),
    );
    expect(server.lines("hub")).toEqual([`GET /api/models/org/model/revision/${revision}?blobs=true -`]);
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
  ])("%s is not an id", (id) => {
    expect(() => hub(id)).toThrow(failure("invalid-request", "must be like owner/name"));
  });

  test("contradicting revisions and invalid options are refused", () => {
    expect(() => hub("a/b@x", { revision: "y" })).toThrow(failure("invalid-request", "option 'revision'"));
    expect(() => hub("a/b", { endpoint: "file:///x" })).toThrow(failure("invalid-request", "http or https"));
    expect(() => hub("a/b", { parallel: 0 })).toThrow(failure("invalid-request", "'parallel'"));
    expect(() => hub("a/b", { offline: true })).toThrow(
      failure("invalid-request", "offline use needs a cache"),
    );
  });

  test.each([
    ["https://huggingface.co/org/model", "org/model", "main"],
    ["https://huggingface.co/org/model/", "org/model", "main"],
    ["http://hf.co/org/model?library=x#y", "org/model", "main"],
    ["https://huggingface.co/org/model/tree/v1.0", "org/model@v1.0", "v1.0"],
    ["https://www.huggingface.co/org/model/tree/refs%2Fpr%2F1", "org/model@refs/pr/1", "refs%2Fpr%2F1"],
    ["ENDPOINT/org/model/tree/v2", "org/model@v2", "v2"],
  ])("%s is %s", async (page, name, revision) => {
    const source = open({}, page.replace("ENDPOINT", server.endpoint));
    expect(source.name).toBe(name);
    await source.list().catch(() => {});
    expect(server.lines("hub")).toEqual([`GET /api/models/org/model/revision/${revision}?blobs=true -`]);
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
  ])("%s is not a model's page", (page) => {
    expect(() => hub(page)).toThrow(failure("invalid-request", "must be like owner/name"));
  });

  test("a revision in an address must equal the option", () => {
    const page = "https://huggingface.co/org/model/tree/v1";
    expect(() => hub(page, { revision: "v2" })).toThrow(failure("invalid-request", "option 'revision'"));
    expect(hub(page, { revision: "v1" }).name).toBe("org/model@v1");
  });

  test("an incomplete entry of the listing fails only when its file is opened", async () => {
    const incomplete = [
      { rfilename: "no-size.txt", blobId: "1".repeat(40) },
      { rfilename: "no-checksum.txt", size: 5 },
      { rfilename: "lfs.bin", size: 5, lfs: {} },
      { rfilename: "negative.bin", size: -1, blobId: "1".repeat(40) },
    ];
    server.interfere = ({ line }, response) => {
      if (!line.includes("/api/")) return false;
      const { siblings, ...rest } = server.listing(server.revisions["main"]!);
      response.writeHead(200).end(JSON.stringify({ ...rest, siblings: [...siblings, ...incomplete] }));
      return true;
    };
    const names = [...Object.keys(server.files), ...incomplete.map(({ rfilename }) => rfilename)];
    for (const source of [open(), cached()]) {
      expect(await source.list()).toEqual(names);
      await expectSame(source, "config.json");
      for (const { rfilename } of incomplete)
        await expect(source.open(rfilename)).rejects.toEqual(failure("invalid-file", "must have its size"));
    }
    // The cache keeps the whole listing.
    expect(await cached({ offline: true }).list()).toEqual(names);
  });

  test("an invalid listing is refused", async () => {
    server.interfere = (_, response) => {
      response.writeHead(200).end('{"sha":"x","siblings":[]}');
      return true;
    };
    await expect(open().list()).rejects.toEqual(failure("invalid-file", "'sha' must be a commit"));
  });
});

describe("a token", () => {
  test("is sent to the endpoint only, not to the target of a redirect", async () => {
    const source = cached({ token: "hf_secret" });
    await source.open("config.json");
    const file = await source.open(shards[0]!);
    await file.read(0, 10);
    await source.download!(shards);
    const sentTo = (host: string) =>
      server.requests.filter((request) => request.host === host).map(({ headers }) => headers.authorization);
    expect(new Set(sentTo("hub"))).toEqual(new Set(["Bearer hf_secret"]));
    expect(sentTo("cdn").length).toBeGreaterThan(4);
    expect(new Set(sentTo("cdn"))).toEqual(new Set([undefined]));
    for (const name of await readdir(folder(), { recursive: true, withFileTypes: true })) {
      if (name.isFile())
        expect(await readFile(join(name.parentPath, name.name), "utf8")).not.toContain("hf_secret");
    }
  });

  test.each([401, 403])(
    "without access, or no token, is refused with %d, and no error contains the token",
    async (status) => {
      server.interfere = (_, response) => {
        response.writeHead(status).end();
        return true;
      };
      const refusal = await open({ token: "hf_secret" })
        .list()
        .catch((error) => error);
      expect(refusal).toEqual(failure("io", `(does the token have access?): found status ${status}`));
      expect(refusal.message).not.toContain("hf_secret");
      await expect(open().list()).rejects.toEqual(failure("io", "does it need a token?"));
      expect(server.requests).toHaveLength(2);
    },
  );
});

describe("with a cache", () => {
  test("a downloaded file is not requested again", async () => {
    const first = cached();
    await expectSame(first, "config.json");
    expect(await first.download!(shards)).toBe(true);
    const before = server.requests.length;
    const second = cached();
    expect(await second.download!(shards)).toBe(false);
    for (const name of Object.keys(server.files)) {
      if (name !== "sub/notes.md") await expectSame(second, name);
    }
    expect(server.requests.slice(before).map(({ line }) => line)).toEqual([
      "GET /api/models/org/model/revision/main?blobs=true -",
    ]);
    expect((await second.open(shards[0]!)).path).toContain(folder());
  });

  test("a new revision shares its unchanged files", async () => {
    await cached().download!(shards);
    server.revisions = { main: commitOf("second") };
    server.files = { ...server.files, [shards[1]!]: noise(1000, 7) };
    server.sentBytes = 0;
    const source = cached();
    expect(await source.download!(shards)).toBe(true);
    expect(server.sentBytes).toBe(1000);
    await expectSame(source, shards[1]!);
  });

  test("progress is reported in bytes, and ends with all bytes", async () => {
    const reports: DownloadProgress[] = [];
    await cached().download!(shards, { onProgress: (progress) => reports.push(progress) });
    const all = 900_003;
    expect(reports.at(-1)).toEqual({ loadedBytes: all, totalBytes: all, receivedBytes: all });
    expect(reports.every(({ loadedBytes }, i) => loadedBytes >= (reports[i - 1]?.loadedBytes ?? 0))).toBe(
      true,
    );
  });

  test.each([
    [1, 1],
    [2, 2],
  ])("with parallel %d, at most %d files are downloaded at a time", async (parallel, max) => {
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
    expect(peak).toBe(max);
  });

  test("offline, all files come from the cache, and no request is sent", async () => {
    const first = cached();
    await expectSame(first, "config.json");
    await first.download!(shards);
    const before = server.requests.length;
    const offline = cached({ offline: true });
    expect(await offline.list()).toEqual(Object.keys(server.files));
    expect(await offline.download!(shards)).toBe(false);
    await expectSame(offline, shards[2]!);
    await expect(offline.open("sub/notes.md")).rejects.toEqual(
      failure("not-found", "found no intact 'sub/notes.md'"),
    );
    await expect(cached({ offline: true, revision: "dev" }).list()).rejects.toEqual(
      failure("not-found", "found no intact revision 'dev'"),
    );
    expect(server.requests).toHaveLength(before);
  });
});
