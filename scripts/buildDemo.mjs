// Builds the page in demo/ into static files, and prints what its first load takes, compressed and without the model.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const maxFirstLoadBytes = 400_000;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { output } = await build({ logLevel: "warn" });
/** Parts that the page imports when they are shown. */
const laterNames = new Set(
  output
    .filter(({ isDynamicEntry }) => isDynamicEntry)
    .flatMap(({ fileName, viteMetadata }) => [fileName, ...(viteMetadata?.importedCss ?? [])]),
);
const folder = "dist-demo";
const assets = readdirSync(join(folder, "assets")).map((name) => join("assets", name));
const sizes = ["index.html", ...assets].map((name) => {
  const bytes = gzipSync(readFileSync(join(folder, name))).length;
  return { name, bytes, isLater: laterNames.has(name.replaceAll("\\", "/")) };
});
for (const { name, bytes, isLater } of sizes)
  console.log(`${name}: ${(bytes / 1000).toFixed(1)} kB gzip${isLater ? ", when it is shown" : ""}`);
const total = sizes.filter(({ isLater }) => !isLater).reduce((sum, { bytes }) => sum + bytes, 0);
console.log(`First load without the model: ${(total / 1000).toFixed(1)} kB gzip`);
if (total > maxFirstLoadBytes) {
  console.error(
    `Cannot accept the page as its first load must be at most ${maxFirstLoadBytes} bytes: found ${total}`,
  );
  process.exit(1);
}
