import { fileURLToPath } from "node:url";
import { Page } from "../../server/page/page.ts";
import { readPage } from "../../server/page/pageFiles.ts";

/** The page that the build puts into dist/, for this module in src/ as well as in dist/. */
export async function openPage(): Promise<Page> {
  const folderOf = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
  return new Page(await readPage({ page: folderOf("dist/page"), model: folderOf("models/tiny") }));
}
