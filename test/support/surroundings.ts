/** The environment of the suites in runtimes with a file system: Node and Deno. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { cpu } from "../../src/backends/cpu/index.ts";
import type { ModelSource } from "../../src/core/index.ts";
import { directory } from "../../src/sources/directory.ts";
import type { Files, Surroundings } from "../suites/suite.ts";
import { tinyModel } from "./tinyModel.ts";

const oracle = fileURLToPath(new URL("../fixtures/oracle/", import.meta.url));

export const filesOnDisk: Files = {
  json: async (name) => JSON.parse(await readFile(`${oracle}${name}`, "utf8")),
  model: (name) => directory(`${oracle}models/${name}`),
  tinyModel: tinyModel(),
};

/** The files of a source as bytes by name, for tests that modify, serve or reread them. */
export async function filesOf(source: ModelSource): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const entries = (await source.list()).map(async (name) => {
    const file = await source.open(name);
    return [name, (await file.read(0, file.size)).slice()] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

export const tinyFiles = () => filesOf(tinyModel());

export const cpuSurroundings: Surroundings = { ...filesOnDisk, backend: cpu() };
