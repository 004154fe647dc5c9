/** `--model owner/name[@revision]`: downloads with a progress line, caching, and offline use. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { commitOf, hubServer } from "../support/hubServer.ts";
import { writeHuggingFaceCache } from "../support/huggingFaceCache.ts";
import { tinyFiles } from "../support/surroundings.ts";
import { runCommand } from "./testIo.ts";

const server = hubServer();
const files = await tinyFiles();
let cache: string;
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), "unmask-cli-hub-"));
});
afterAll(() => rmSync(cache, { recursive: true }));
beforeEach(() => {
  server.files = files;
  server.revisions = { v1: commitOf("v1") };
});

const model = ["--model", "org/model@v1"];
const prompt = ["reverse river stone", "--backend", "cpu"];
const env = () => ({
  HF_ENDPOINT: server.endpoint,
  HF_HOME: join(cache, "huggingface"),
  HF_TOKEN: "hf_secret",
  UNMASK_CACHE: cache,
});

test("info reads only the header of the weights", async () => {
  const { code, stdout } = await runCommand(["info", ...model, "--json"], { env: env() });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    model: "org/model@v1",
    family: "LLaDA-MoE",
    chatTemplate: true,
  });
  expect(server.sentBytes).toBeLessThan(100_000);
});

test("generate downloads a model once, with progress, and then works offline", async () => {
  server.pace = { bytes: 2 ** 18, ms: 40 };
  const first = await runCommand(["generate", ...model, ...prompt], { env: env(), tty: true });
  // The terminal is too narrow for the whole line.
  expect(first.stderr).toMatch(/downloading org\/model@v1: [\d.]+ [KM]iB of 3\.5\d MiB · [\d.]+ [KM]iB/);
  expect(first.code).toBe(0);
  expect(first.stdout).toContain("stone river");
  const sent = server.sentBytes;
  const second = await runCommand(["generate", ...model, ...prompt], { env: env() });
  expect(second.stdout).toBe("stone river\n");
  expect(server.sentBytes).toBe(sent);
  const before = server.requests.length;
  const offline = await runCommand(["generate", ...model, ...prompt, "--offline"], { env: env() });
  expect(offline).toEqual({ code: 0, stdout: "stone river\n", stderr: "" });
  expect(server.requests).toHaveLength(before);
  expect(first.stdout + first.stderr + second.stderr).not.toContain("hf_secret");
});

test("a model by the address of its page is read from the cache of Hugging Face's tools", async () => {
  const home = join(cache, "home");
  const commit = server.revisions["v1"]!;
  await writeHuggingFaceCache(join(home, "hub"), { id: "org/model", revision: "v1", commit, files });
  writeFileSync(join(home, "token"), "hf_login\n");
  const page = ["--model", "https://huggingface.co/org/model/tree/v1"];
  const own = { HF_ENDPOINT: server.endpoint, HF_HOME: home, UNMASK_CACHE: join(cache, "empty") };
  const offline = await runCommand(["generate", ...page, ...prompt], {
    env: { ...own, HF_HUB_OFFLINE: "1" },
  });
  expect(offline).toEqual({ code: 0, stdout: "stone river\n", stderr: "" });
  expect(server.requests).toEqual([]);
  const online = await runCommand(["generate", ...page, ...prompt], { env: own });
  expect(online.stdout).toBe("stone river\n");
  // Only the listing is requested, with the token of the login.
  expect(server.requests.map(({ line, headers }) => [line, headers.authorization])).toEqual([
    ["GET /api/models/org/model/revision/v1?blobs=true -", "Bearer hf_login"],
  ]);
});

test.each([
  [["org/model", "--offline"], "offline as not all of it is cached: found no intact revision 'main'"],
  [["http://127.0.0.1:9/x", "--offline"], "offline from a web server"],
  [["org/model@v2"], 'has no model with this id and revision: found "v2"'],
  [["./org/model"], "there is no such directory"],
])("%j fails with its reason", async ([name, ...rest], message) => {
  const { code, stderr } = await runCommand(["info", "--model", name!, ...rest], { env: env() });
  expect(code).not.toBe(0);
  expect(stderr).toContain(message);
});
