/** `--model owner/name[@revision]`: downloaded with a line that says how far it is, cached, and read offline. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { commitOf, hubServer } from "../support/hubServer.ts";
import { writeHuggingFaceCache } from "../support/huggingFaceCache.ts";
import { embeddedFiles } from "../support/surroundings.ts";
import { runCommand } from "./testIo.ts";

const server = hubServer();
const files = await embeddedFiles();
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
const ask = ["reverse river stone", "--backend", "cpu"];
const env = () => ({
  HF_ENDPOINT: server.endpoint,
  HF_HOME: join(cache, "huggingface"),
  HF_TOKEN: "hf_secret",
  UNMASK_CACHE: cache,
});

test("info reads no more of the weights than their header", async () => {
  const { code, stdout } = await runCommand(["info", ...model, "--json"], { env: env() });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    model: "org/model@v1",
    family: "LLaDA-MoE",
    chatTemplate: true,
  });
  expect(server.sentBytes).toBeLessThan(100_000);
});

test("generate downloads it once, tells how far it is, and then needs nobody", async () => {
  server.pace = { bytes: 2 ** 18, ms: 40 };
  const first = await runCommand(["generate", ...model, ...ask], { env: env(), tty: true });
  // The window is too narrow for all of the line.
  expect(first.stderr).toMatch(/downloading org\/model@v1: [\d.]+ [KM]iB of 3\.5\d MiB · [\d.]+ [KM]iB/);
  expect(first.code).toBe(0);
  expect(first.stdout).toContain("stone river");
  const sent = server.sentBytes;
  const second = await runCommand(["generate", ...model, ...ask], { env: env() });
  expect(second.stdout).toBe("stone river\n");
  expect(server.sentBytes).toBe(sent);
  const asked = server.asked.length;
  const offline = await runCommand(["generate", ...model, ...ask, "--offline"], { env: env() });
  expect(offline).toEqual({ code: 0, stdout: "stone river\n", stderr: "" });
  expect(server.asked).toHaveLength(asked);
  expect(first.stdout + first.stderr + second.stderr).not.toContain("hf_secret");
});

test("a model that Hugging Face's tools downloaded is taken from their cache, by the address of its page", async () => {
  const home = join(cache, "home");
  const commit = server.revisions["v1"]!;
  await writeHuggingFaceCache(join(home, "hub"), { id: "org/model", revision: "v1", commit, files });
  writeFileSync(join(home, "token"), "hf_login\n");
  const page = ["--model", "https://huggingface.co/org/model/tree/v1"];
  const own = { HF_ENDPOINT: server.endpoint, HF_HOME: home, UNMASK_CACHE: join(cache, "empty") };
  const offline = await runCommand(["generate", ...page, ...ask], { env: { ...own, HF_HUB_OFFLINE: "1" } });
  expect(offline).toEqual({ code: 0, stdout: "stone river\n", stderr: "" });
  expect(server.asked).toEqual([]);
  const online = await runCommand(["generate", ...page, ...ask], { env: own });
  expect(online.stdout).toBe("stone river\n");
  // Nothing but the listing is asked for, with the token of the login.
  expect(server.asked.map(({ line, headers }) => [line, headers.authorization])).toEqual([
    ["GET /api/models/org/model/revision/v1?blobs=true -", "Bearer hf_login"],
  ]);
});

test.each([
  [
    ["org/model", "--offline"],
    "offline as the cache does not have all of it: found no sound revision 'main'",
  ],
  [["http://127.0.0.1:9/x", "--offline"], "offline as it is at an address"],
  [["org/model@v2"], 'has none of this name and revision: found "v2"'],
  [["./org/model"], "there is no such directory"],
])("%j fails as it should", async ([name, ...rest], message) => {
  const { code, stderr } = await runCommand(["info", "--model", name!, ...rest], { env: env() });
  expect(code).not.toBe(0);
  expect(stderr).toContain(message);
});
