import { existsSync } from "node:fs";

const packages = ["node-llama-cpp", "onnxruntime-web", "@wllama/wllama"];

/** The packages that are not installed beside the benchmarks. */
export function missingRivals() {
  const isThere = (name) => existsSync(new URL(`node_modules/${name}/package.json`, import.meta.url));
  return new Set(packages.filter((name) => !isThere(name)));
}
