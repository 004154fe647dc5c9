// System packages that the tests need: Chromium, Vulkan drivers that run WebGPU on the CPU, curl, nginx, and what builds the native part. As root on
// Debian and its derivatives, missing packages are installed; otherwise an error names them.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The Vulkan driver of Chromium. */
export const swiftShader = "/usr/lib/chromium/vk_swiftshader_icd.json";
export const chromium = "/usr/bin/chromium";

/** The path of Mesa's driver, whose file name contains the CPU architecture; undefined if it is not installed. */
export function lavapipe(root = "/") {
  const folder = "usr/share/vulkan/icd.d";
  const name = listing(join(root, folder)).find((file) => file.startsWith("lvp_icd."));
  return name && join(root, folder, name);
}

const packages = [
  {
    name: "chromium",
    isThere: (root) => [chromium, swiftShader].every((path) => existsSync(join(root, path))),
  },
  {
    // Chromium's own copy is outside the library path, so nothing else finds it.
    name: "libvulkan1",
    isThere: (root) =>
      listing(join(root, "usr/lib")).some(
        (folder) => folder.includes("-linux-") && existsSync(join(root, "usr/lib", folder, "libvulkan.so.1")),
      ),
  },
  { name: "cmake", isThere: (root) => existsSync(join(root, "usr/bin/cmake")) },
  // A test runs the examples of docs/server.md, which are curl commands.
  { name: "curl", isThere: (root) => existsSync(join(root, "usr/bin/curl")) },
  { name: "g++", isThere: (root) => existsSync(join(root, "usr/bin/g++")) },
  { name: "mesa-vulkan-drivers", isThere: (root) => lavapipe(root) !== undefined },
  { name: "nginx", isThere: (root) => existsSync(join(root, "usr/sbin/nginx")) },
  { name: "ninja-build", isThere: (root) => existsSync(join(root, "usr/bin/ninja")) },
];

export function missingPackages(root = "/") {
  return packages.filter(({ isThere }) => !isThere(root)).map(({ name }) => name);
}

/**
 * Installs missing packages.
 * @returns an error message if packages are still missing; else undefined
 */
export function installPackages({ root = "/", run = runCommand, isRoot = process.getuid?.() === 0 } = {}) {
  const missing = missingPackages(root);
  if (missing.length === 0) return undefined;
  const cannot = (names) => `Cannot run all tests as packages are missing: found no ${names.join(", ")}`;
  if (!isRoot || !run("apt-get", "--version")) {
    return `${cannot(missing)}. On Debian and its derivatives: sudo apt-get install ${missing.join(" ")}`;
  }
  console.log(`Installing ${missing.join(", ")}`);
  run("apt-get", "-qq", "update");
  run("apt-get", "-qq", "install", "--yes", "--no-install-recommends", ...missing);
  const left = missingPackages(root);
  return left.length === 0 ? undefined : `${cannot(left)}, after apt-get install`;
}

function runCommand(command, ...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status } = spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"], env });
  return status === 0;
}

function listing(folder) {
  return existsSync(folder) ? readdirSync(folder) : [];
}
