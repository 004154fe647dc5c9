// Writes shaders/include/layout.wgsl and native/src/generated/layout.h from the table of structures, and src/backends/webgpu/shaders.generated.ts from
// shaders/*.wgsl, as Node and browsers cannot import WGSL as text. With --check it writes nothing, and fails if one of
// the files is stale.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { layoutText, nativeLayoutText } from "./layout.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const checks = process.argv.includes("--check");

/** Writes a generated file, or checks it. */
function generate(path, text) {
  if (!checks) writeFileSync(root + path, text);
  else if (readFileSync(root + path, "utf8") !== text) {
    console.error(`${path} is stale: run \`node scripts/shaders.mjs\``);
    process.exit(1);
  }
}

generate("shaders/include/layout.wgsl", await layoutText());
generate("native/src/generated/layout.h", await nativeLayoutText());

const names = readdirSync(`${root}shaders`, { recursive: true })
  .map((name) => String(name).replaceAll("\\", "/"))
  .filter((name) => name.endsWith(".wgsl"))
  .sort();
const entries = names.map((name) => {
  const text = readFileSync(`${root}shaders/${name}`, "utf8");
  return `  ${JSON.stringify(name.slice(0, -".wgsl".length))}: ${JSON.stringify(text)},`;
});
const module = [
  "// Made by scripts/shaders.mjs from shaders/; edit those.",
  "const sources = {",
  ...entries,
  "} as const;",
  "",
  "/** Named only: the texts as types would stand in the declarations once more. */",
  "export const shaderSources: Readonly<Record<keyof typeof sources, string>> = sources;",
  "",
].join("\n");
generate("src/backends/webgpu/shaders.generated.ts", module);
