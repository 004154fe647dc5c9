// Builds the native devices into native/build: the host device, and the CUDA device where there is a CUDA compiler. `--asan` builds a
// host device that checks every memory access, into native/build-asan.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const folderOf = (name) => dirname(require.resolve(`${name}/package.json`));
const isChecked = process.argv.includes("--asan");
const { status } = spawnSync(
  process.execPath,
  [
    join(folderOf("cmake-js"), "bin", "cmake-js"),
    "compile",
    "--directory",
    join(root, "native"),
    "--out",
    join(root, "native", isChecked ? "build-asan" : "build"),
    // The headers come with npm, so that the build needs no other network.
    `--CDNODE_API_HEADERS=${join(folderOf("node-api-headers"), "include")}`,
    `--CDNODE_ADDON_API=${folderOf("node-addon-api")}`,
    `--CDUNMASK_ASAN=${isChecked ? "ON" : "OFF"}`,
  ],
  { stdio: "inherit" },
);
process.exit(status ?? 1);
