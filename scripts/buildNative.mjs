// Builds the native devices into native/build: the host device, and the CUDA device where there is a CUDA compiler. Without one,
// `UNMASK_REQUIRE=nvcc` makes that an error. `--asan` builds a host device that checks every memory access, into native/build-asan.
// `--all-gpus` compiles for each GPU on its own, which takes longer.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const folderOf = (name) => dirname(require.resolve(`${name}/package.json`));
const isChecked = process.argv.includes("--asan");
const out = join(root, "native", isChecked ? "build-asan" : "build");
const options = [
  "--directory",
  join(root, "native"),
  "--out",
  out,
  // The headers come with npm, so that the build needs no other network.
  `--CDNODE_API_HEADERS=${join(folderOf("node-api-headers"), "include")}`,
  `--CDNODE_ADDON_API=${folderOf("node-addon-api")}`,
  `--CDUNMASK_ALL_GPUS=${process.argv.includes("--all-gpus") ? "ON" : "OFF"}`,
  `--CDUNMASK_ASAN=${isChecked ? "ON" : "OFF"}`,
];
// `cmake-js compile` keeps the options of an earlier build.
for (const command of ["configure", "build"]) {
  const cmakeJs = join(folderOf("cmake-js"), "bin", "cmake-js");
  const { status } = spawnSync(process.execPath, [cmakeJs, command, ...options], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
if (!isChecked && !/^CMAKE_CUDA_COMPILER:.*=\/.*$/m.test(readFileSync(join(out, "CMakeCache.txt"), "utf8"))) {
  const isRequired = process.env["UNMASK_REQUIRE"]?.split(",").includes("nvcc");
  console.log(
    `The CUDA device is not built, as CMake finds no nvcc${isRequired ? ", which is required" : ""}`,
  );
  if (isRequired) process.exit(1);
}
