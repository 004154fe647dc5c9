/** The package as its users get it. It is packed and installed once, for all that is tested of it. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { docsTests } from "./package/docs.ts";
import { filesTests } from "./package/files.ts";
import { Installed, root } from "./package/installed.ts";
import { lintTests } from "./package/lint.ts";
import { runtimesTests } from "./package/runtimes.ts";
import { typesTests } from "./package/types.ts";

let installed: Installed;
beforeAll(() => {
  installed = new Installed();
  cpSync(join(root, "test/package/project"), installed.folder, { recursive: true });
});
afterAll(() => installed.remove());

const get = () => installed;
filesTests(get);
docsTests(get);
lintTests(get);
typesTests(get);
runtimesTests(get);
