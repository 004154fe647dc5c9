/** The settings and the cache of Hugging Face's own tools, which are read as those tools read them, and never written. */
import { mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hubModel, shards, text } from "../../test/support/hubModel.ts";
import { commitOf, noise } from "../../test/support/hubServer.ts";
import { writeHuggingFaceCache } from "../../test/support/huggingFaceCache.ts";
import { failure } from "../../test/support/loopback.ts";
import type { HubOptions } from "./hub.ts";
import { huggingFace } from "./huggingFace.ts";
import { huggingFaceCache } from "./huggingFaceCache.ts";

const { server, folder: cacheFolder, open, cached, expectSame } = hubModel();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "unmask-hf-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the variables", () => {
  const home = homedir();
  test.each([
    [{}, join(home, ".cache/huggingface/hub")],
    [{ XDG_CACHE_HOME: "/x" }, "/x/huggingface/hub"],
    [{ XDG_CACHE_HOME: "/x", HF_HOME: "/h" }, "/h/hub"],
    [{ HF_HOME: "~/h" }, join(home, "h/hub")],
    [{ HF_HOME: "/h", HUGGINGFACE_HUB_CACHE: "/old" }, "/old"],
    [{ HF_HOME: "/h", HUGGINGFACE_HUB_CACHE: "/old", HF_HUB_CACHE: "/c" }, "/c"],
    [{ HF_HUB_CACHE: "" }, join(home, ".cache/huggingface/hub")],
  ])("%j: the cache is %s", (env, expected) => {
    expect(huggingFace({ HF_TOKEN_PATH: "/none", ...env }).snapshots!.name).toBe(expected);
  });

  test.each([
    ["1", true],
    ["true", true],
    ["Yes", true],
    ["ON", true],
    ["0", false],
    ["", false],
    ["no", false],
  ])("HF_HUB_OFFLINE=%s: offline is %s", (value, expected) => {
    expect(huggingFace({ HF_HUB_OFFLINE: value, HF_HOME: folder }).offline).toBe(expected);
  });

  test("the token comes from the environment, else from a login", () => {
    const tokenOf = (env: Record<string, string>) => huggingFace({ HF_HOME: folder, ...env }).token;
    expect(tokenOf({})).toBeUndefined();
    writeFileSync(join(folder, "token"), "hf_login\n");
    const elsewhere = join(folder, "elsewhere");
    writeFileSync(elsewhere, "hf_elsewhere");
    expect(tokenOf({})).toBe("hf_login");
    expect(tokenOf({ HF_TOKEN_PATH: elsewhere })).toBe("hf_elsewhere");
    expect(tokenOf({ HUGGING_FACE_HUB_TOKEN: "hf_old" })).toBe("hf_old");
    expect(tokenOf({ HF_TOKEN: " hf_given\n", HUGGING_FACE_HUB_TOKEN: "hf_old" })).toBe("hf_given");
    expect(tokenOf({ HF_TOKEN: "hf_given", HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" })).toBeUndefined();
    mkdirSync(join(folder, "folder"));
    expect(() => tokenOf({ HF_TOKEN_PATH: join(folder, "folder") })).toThrow(failure("io", "Cannot read"));
  });
});

describe("the cache", () => {
  const commit = commitOf("first");
  const snapshots = () => huggingFaceCache(folder);
  const offline = (options: HubOptions = {}, id?: string) =>
    open({ offline: true, snapshots: snapshots(), ...options }, id);
  const write = (files: Record<string, Uint8Array> = server.files, links = true) =>
    writeHuggingFaceCache(folder, { id: "org/model", commit, files, links });
  /** All files and folders, and the targets of links. */
  const contents = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return entry.isSymbolicLink() ? `${path} -> ${readlinkSync(path)}` : path;
      })
      .sort();

  test.each([
    ["with links", true],
    ["without links", false],
  ])("%s provides a model offline, without a request", async (_, links) => {
    await write(server.files, links);
    for (const source of [offline(), cached({ offline: true, snapshots: snapshots() })]) {
      expect(new Set(await source.list())).toEqual(new Set(Object.keys(server.files)));
      for (const name of Object.keys(server.files)) await expectSame(source, name);
      expect((await source.open(shards[0]!)).path).toContain(folder);
    }
    await expectSame(offline({}, `org/model@${commit}`), "config.json");
    expect(await cached({ offline: true, snapshots: snapshots() }).download!(shards)).toBe(false);
    expect(server.requests).toEqual([]);
  });

  test("is named in the error, beside the other cache, if neither has a model or a file", async () => {
    const { "config.json": config } = server.files;
    await write({ "config.json": config! });
    const both = { offline: true, snapshots: snapshots() };
    const places = `in '${cacheFolder()}' or '${folder}'`;
    await expect(cached(both).open(shards[0]!)).rejects.toMatchObject({ code: "not-found" });
    await expect(cached({ ...both, revision: "dev" }).list()).rejects.toEqual(
      failure("not-found", `found no intact revision 'dev' ${places}`),
    );
    await expect(offline({}, "org/other").list()).rejects.toEqual(
      failure("not-found", `found no intact revision 'main' in '${folder}'`),
    );
    // The cached listing has more files than the snapshot.
    await cached().list();
    await expect(cached(both).open(shards[0]!)).rejects.toEqual(
      failure("not-found", `found no intact '${shards[0]}' ${places}`),
    );
  });

  test("replaces the download of its files, and of no others", async () => {
    const { [shards[2]!]: missing, ...others } = server.files;
    await write(others);
    const before = contents();
    const source = cached({ snapshots: snapshots() });
    expect(await source.download!(shards)).toBe(true);
    for (const name of Object.keys(server.files)) await expectSame(source, name);
    expect(server.lines("cdn").map((line) => line.split(" ")[1]!.replace(/\?.*/, ""))).toEqual([
      `/${shards[2]}`,
    ]);
    expect(server.lines("hub").filter((line) => line.includes("config.json"))).toEqual([]);
    expect(server.sentBytes).toBe(missing!.length);
    expect(contents()).toEqual(before);
    expect(await cached({ snapshots: snapshots() }).download!(shards)).toBe(false);
  });

  test("is not used for a file with another checksum or length", async () => {
    const different = { ...server.files, [shards[0]!]: noise(300_000, 9), [shards[1]!]: noise(10, 9) };
    await write(different);
    const source = cached({ snapshots: snapshots() });
    expect(await source.download!(shards)).toBe(true);
    for (const name of shards) await expectSame(source, name);
    expect(server.lines("cdn")).toHaveLength(2);
  });

  test("is not used for another commit or if it is incomplete", async () => {
    await writeHuggingFaceCache(folder, { id: "org/model", commit: commitOf("old"), files: server.files });
    expect(await cached({ snapshots: snapshots() }).download!([shards[0]!])).toBe(true);
    writeFileSync(join(folder, "models--org--model/refs/main"), "../../x");
    await expect(offline().list()).rejects.toMatchObject({ code: "not-found" });
    await expect(offline({ revision: "../../../x" }).list()).rejects.toMatchObject({ code: "not-found" });
    rmSync(join(folder, "models--org--model/snapshots"), { recursive: true });
    writeFileSync(join(folder, "models--org--model/refs/main"), commit);
    await expect(offline().list()).rejects.toMatchObject({ code: "not-found" });
  });

  test("provides a file whose checksum the hub's listing lacks", async () => {
    server.files = { ...server.files, "unlisted.json": text("{}") };
    server.interfere = ({ line }, response) => {
      if (!line.includes("/api/")) return false;
      const siblings = Object.keys(server.files).map((rfilename) => ({ rfilename }));
      response.writeHead(200).end(JSON.stringify({ sha: commit, siblings }));
      return true;
    };
    await expect(open().open("unlisted.json")).rejects.toEqual(failure("invalid-file", "must have its size"));
    await write();
    await expectSame(open({ snapshots: snapshots() }), "unlisted.json");
  });
});
