/** A GGUF file is a model wherever it is: on disk, on the hub, on a web server, in a page. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Engine } from "../../src/core/index.ts";
import { blobs, oneFile, url } from "../../src/sources/index.ts";
import { runCommand } from "../cli/testIo.ts";
import { commitOf, hubServer } from "../support/hubServer.ts";
import { llamaCppFile } from "../support/llamaCppFile.ts";
import { loopback, rangeOf } from "../support/loopback.ts";
import { filesOnDisk, tinyFiles } from "../support/surroundings.ts";

const { "tokenizer.json": tokenizer, "tokenizer_config.json": tokenizerConfig } = await tinyFiles();
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const template = JSON.parse(decode(tokenizerConfig!)).chat_template as string;
const bytes = await llamaCppFile(filesOnDisk.tinyModel, "llada-moe", [
  ["tokenizer.huggingface.json", "string", decode(tokenizer!)],
  ["tokenizer.chat_template", "string", template],
]);
const prompt = ["reverse river stone", "--backend", "cpu", "--gen-length", "32"];
const server = hubServer();
const web = loopback();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "unmask-gguf-"));
  writeFileSync(join(folder, "tiny.gguf"), bytes);
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  server.files = {
    "tiny-BF16.gguf": bytes,
    "tiny-Q4.gguf": new Uint8Array(8),
    "README.md": new Uint8Array(8),
  };
  server.revisions = { v1: commitOf("v1") };
});

test("on disk, by its path", async () => {
  const path = join(folder, "tiny.gguf");
  expect(await runCommand(["generate", "--model", path, ...prompt])).toEqual({
    code: 0,
    stdout: "stone river\n",
    stderr: "",
  });
  const inFolder = await runCommand(["info", "--model", folder, "--json"]);
  expect(JSON.parse(inFolder.stdout)).toMatchObject({ family: "LLaDA-MoE", chatTemplate: true });
});

test("on the hub, by repository and file: downloaded once, then offline", async () => {
  const env = {
    HF_ENDPOINT: server.endpoint,
    HF_HOME: join(folder, "hf"),
    UNMASK_CACHE: join(folder, "cache"),
  };
  const model = ["--model", "hf:org/model@v1:tiny-BF16.gguf"];
  const info = await runCommand(["info", ...model, "--json"], { env });
  expect(JSON.parse(info.stdout)).toMatchObject({
    model: "org/model@v1/tiny-BF16.gguf",
    family: "LLaDA-MoE",
  });
  const first = await runCommand(["generate", ...model, ...prompt], { env });
  expect(first).toMatchObject({ code: 0, stdout: "stone river\n" });
  const before = server.requests.length;
  const offline = await runCommand(["generate", ...model, ...prompt, "--offline"], { env });
  expect(offline).toEqual({ code: 0, stdout: "stone river\n", stderr: "" });
  expect(server.requests).toHaveLength(before);
  const several = await runCommand(["info", "--model", "org/model@v1"], { env });
  expect(several.stderr).toContain('one must be named: found "tiny-BF16.gguf", "tiny-Q4.gguf"');
});

test("on a web server, by ranges", async () => {
  web.handle = (request, response) => {
    const { start, end } = rangeOf(request);
    const part = bytes.subarray(start, end);
    const range = `bytes ${start}-${start + part.length - 1}/${bytes.length}`;
    response.writeHead(206, { "content-range": range, etag: '"v1"' }).end(part);
  };
  const { model } = await Engine.plan(oneFile(url(web.base), "tiny.gguf"));
  expect(model.family).toBe("LLaDA-MoE");
  expect(web.requests.every((request) => request.startsWith("GET /m/tiny.gguf bytes="))).toBe(true);
});

test("a Blob in a page, whatever its name", async () => {
  const { model } = await Engine.plan(blobs({ "my model.gguf": new Blob([bytes]) }));
  expect(model.family).toBe("LLaDA-MoE");
});
