import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DiskOutput } from "../../src/sources/diskOutput.ts";
import { tinyFolder } from "../support/tinyModel.ts";
import { runCommand } from "./testIo.ts";

const tiny = tinyFolder;
const prompt = ["reverse river stone", "--backend", "cpu", "--gen-length", "32"];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unmask-convert-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a folder becomes a GGUF file, and that a folder: both answer", async () => {
  const file = join(folder, "tiny.gguf");
  const first = await runCommand(["convert", tiny, file, "--quantize", "q8_0"]);
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout).toMatch(
    /tiny\.gguf: LLaDA-MoE, 51 tensors, 1\.\d+ MiB\n {2}q8_0 +1\.\d+ MiB +1\.86 M elements/,
  );
  const second = await runCommand(["convert", file, join(folder, "model"), "--json"]);
  expect(JSON.parse(second.stdout)).toMatchObject({
    format: "safetensors",
    family: "LLaDA-MoE",
    tensorCount: 135,
  });
  expect(readdirSync(join(folder, "model")).sort()).toEqual([
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
  for (const model of [file, join(folder, "model")]) {
    const answer = await runCommand(["generate", "--model", model, ...prompt]);
    expect(answer).toEqual({ code: 0, stdout: "stone river\n", stderr: "" });
  }
  const info = await runCommand(["info", "--model", join(folder, "model"), "--json"]);
  expect(JSON.parse(info.stdout)).toMatchObject({ dtypes: ["f32", "q8_0"] });
  expect(readdirSync(folder).sort()).toEqual(["model", "tiny.gguf"]);
});

test("an existing target is overwritten only with --force", async () => {
  const file = join(folder, "tiny.gguf");
  writeFileSync(file, "mine");
  const refused = await runCommand(["convert", tiny, file]);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("as it exists: use --force to overwrite it");
  expect(readFileSync(file, "utf8")).toBe("mine");
  expect((await runCommand(["convert", tiny, file, "--force"])).code).toBe(0);
  expect(readFileSync(file).subarray(0, 4).toString()).toBe("GGUF");
  const asFolder = await runCommand(["convert", tiny, file, "--to", "safetensors", "--force"]);
  expect(asFolder.stderr).toContain("must be a folder: found a file");
});

test("what fails leaves nothing behind", async () => {
  const damaged = join(folder, "damaged");
  expect((await runCommand(["convert", tiny, damaged])).code).toBe(0);
  writeFileSync(
    join(damaged, "model.safetensors"),
    readFileSync(join(damaged, "model.safetensors")).subarray(0, 5000),
  );
  const target = join(folder, "x.gguf");
  const result = await runCommand(["convert", damaged, target]);
  expect(result.code).toBe(2);
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(folder)).toEqual(["damaged"]);
});

test("until it is complete, an output has another name; abandoned, it is gone", async () => {
  const path = join(folder, "out.gguf");
  const output = await DiskOutput.create(path, { kind: "file" });
  await output.write("model.gguf", 3, Uint8Array.of(4, 5));
  await output.write("model.gguf", 0, Uint8Array.of(1, 2, 3));
  expect(existsSync(path)).toBe(false);
  await output.finish();
  await output.abandon();
  expect([...readFileSync(path)]).toEqual([1, 2, 3, 4, 5]);
  const other = await DiskOutput.create(join(folder, "other"), { kind: "folder" });
  await other.write("a", 0, Uint8Array.of(1));
  await other.abandon();
  expect(readdirSync(folder)).toEqual(["out.gguf"]);
});

test("a write error names the file", async () => {
  const output = await DiskOutput.create(join(folder, "model"), { kind: "folder" });
  await expect(output.write("missing/a", 0, Uint8Array.of(1))).rejects.toMatchObject({ code: "io" });
  await output.abandon();
});
