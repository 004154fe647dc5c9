/** A small checkpoint of each public model, with real tensor names, gives the same logits from a folder and a web server. */
import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type ModelSource } from "../../src/core/index.ts";
import { directory } from "../../src/sources/directory.ts";
import { url } from "../../src/sources/url.ts";
import { temporaryFolder } from "../cli/folder.ts";
import { generator } from "../suites/conformance/random.ts";
import { loopback, withRanges } from "../support/loopback.ts";
import { publishedModels, small } from "../support/publishedModels.ts";
import { smallCheckpoint } from "../support/smallCheckpoint.ts";

const folder = temporaryFolder();
const server = loopback();

async function logits(source: ModelSource): Promise<readonly (readonly number[])[]> {
  const engine = await Engine.load(source, { backend: cpu() });
  const rows = await engine.logits([3, 1, 4, 1, 5, 9]);
  await engine.dispose();
  return rows.map((row) => Array.from(row));
}

test.each(publishedModels)("$id", async (published) => {
  const config = small(published);
  const model = smallCheckpoint(published.layout(config), generator(7));
  const files = { "config.json": JSON.stringify(config), "model.safetensors": model };
  for (const [name, content] of Object.entries(files)) writeFileSync(folder.path(name), content);
  server.handle = withRanges(files);
  const local = await logits(directory(dirname(folder.path())));
  expect(local.flat().every(Number.isFinite)).toBe(true);
  expect(new Set(local.map(String)).size).toBe(local.length);
  expect(await logits(url(server.base))).toEqual(local);
  expect(server.requests.some((request) => request.includes("model.safetensors bytes="))).toBe(true);
});
