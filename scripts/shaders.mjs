// Writes src/backends/webgpu/shaders.generated.ts from shaders/*.wgsl, as Node and browsers cannot import WGSL as text.
// With --check it only says whether the file is fresh.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../shaders/", import.meta.url));
const target = fileURLToPath(new URL("../src/backends/webgpu/shaders.generated.ts", import.meta.url));

const names = readdirSync(root, { recursive: true })
  .map((name) => String(name).replaceAll("\\", "/"))
  .filter((name) => name.endsWith(".wgsl"))
  .sort();
const entries = names.map((name) => {
  const text = readFileSync(root + name, "utf8");
  return `  ${JSON.stringify(name.slice(0, -".wgsl".length))}: ${JSON.stringify(text)},`;
});
const generated = [
  "// Made by scripts/shaders.mjs from shaders/; edit those.",
  "const sources = {",
  ...entries,
  "} as const;",
  "",
  "/** Named only: the texts as types would stand in the declarations once more. */",
  "export const shaderSources: Readonly<Record<keyof typeof sources, string>> = sources;",
  "",
].join("\n");

if (!process.argv.includes("--check")) writeFileSync(target, generated);
else if (readFileSync(target, "utf8") !== generated) {
  console.error("src/backends/webgpu/shaders.generated.ts is stale: run `node scripts/shaders.mjs`");
  process.exit(1);
}
