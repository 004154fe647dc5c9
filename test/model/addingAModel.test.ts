/** The example of docs/adding-a-model.md is a working family: it compiles, and reads a configuration. */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { ConfigReader } from "../../src/core/model/configReader.ts";
import type { Family } from "../../src/core/model/model.ts";
import { weightSpecs } from "../../src/core/model/weights.ts";
import { temporaryFolder } from "../cli/folder.ts";
import { llamaLayout } from "../support/layouts.ts";
import { configOf, ids } from "../support/smallModels.ts";

const folder = temporaryFolder();
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("the example reads a Llama checkpoint as a bidirectional model", async () => {
  const page = read("docs/adding-a-model.md");
  const [, code] = /```ts\n([\s\S]*?)```/.exec(page)!;
  const home = new URL("../../src/core/model/", import.meta.url);
  const placed = code!.replaceAll('from "./', `from "${home.pathname}`);
  writeFileSync(folder.path("yours.ts"), placed);
  const { yours } = (await import(pathToFileURL(folder.path("yours.ts")).href)) as { yours: Family };
  const config = configOf(ids.llama);
  const { body, names, maskBlock, shift } = yours.read(new ConfigReader("config.json", config));
  expect({ maskBlock, shift }).toEqual({ maskBlock: Infinity, shift: 0 });
  const parts = weightSpecs({ ...body, tied: false }, names).flatMap((spec) => spec.parts);
  const layout = llamaLayout({})(config);
  expect(new Set(parts.map(({ tensor }) => tensor))).toEqual(new Set(layout.map(({ name }) => name)));
});

test("the files that the page names exist", () => {
  const page = read("docs/adding-a-model.md");
  const files = [...page.matchAll(/`((?:src|test)\/[\w/.]+\.ts)`/g)].map((match) => match[1]!);
  expect(files.length).toBeGreaterThan(5);
  for (const file of files.filter((name) => !name.includes("yours")))
    expect(read(file).length).toBeGreaterThan(0);
});
