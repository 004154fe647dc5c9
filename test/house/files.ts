/** The files of this repository that rules are about. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Files below a folder with one of these endings, relative to the root, with `/`, sorted. */
export function filesBelow(folder: string, endings: readonly string[]): readonly string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .filter((path) => endings.some((ending) => path.endsWith(ending)) && !path.includes("/node_modules/"))
    .sort();
}
