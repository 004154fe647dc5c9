import { fileURLToPath } from "node:url";
import { Page } from "../../server/page/page.ts";
import { readPage } from "../../server/page/pageFiles.ts";
import { embeddedFolder } from "../../sources/embeddedFolder.ts";

/** The page that the build puts into dist/, for this module in src/ as well as in dist/. */
export async function openPage(): Promise<Page> {
  const page = fileURLToPath(new URL("../../../dist/page", import.meta.url));
  return new Page(await readPage({ page, model: embeddedFolder }));
}
