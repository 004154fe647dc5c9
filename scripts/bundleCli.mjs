// Bundles dist/cli: with dozens of modules instead of five hundred, the command line starts in about half the time.
import { chmodSync, renameSync, rmSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { rolldown } from "rolldown";

/** Packages and built-in modules stay imports, and so do shaders and kernels, which are large and of which dist has one copy. */
const isExternal = (id) => id.endsWith(".generated.js") || !(id.startsWith(".") || isAbsolute(id));

/** Replaces the modules of dist/cli by a bundle with all that they import of dist. */
export async function bundleCli(root) {
  const cli = join(root, "dist/cli");
  // Beside dist/cli, so that relative addresses stay the same when it takes its place.
  const output = join(root, "dist/bundle");
  const build = await rolldown({
    input: join(cli, "main.js"),
    platform: "node",
    external: isExternal,
    plugins: [ownAddresses(output)],
  });
  // Without white space, but with the names that a stack shows.
  const minify = { compress: true, mangle: false };
  await build.write({ dir: output, entryFileNames: "[name].js", chunkFileNames: "[name].js", minify });
  await build.close();
  rmSync(cli, { recursive: true });
  renameSync(output, cli);
  chmodSync(join(cli, "main.js"), 0o755);
}

/** Modules find files of the package by their own address, which stays the one that they have outside of the bundle. */
function ownAddresses(output) {
  return {
    name: "own-addresses",
    transform(code, id) {
      if (!code.includes("import.meta.url")) return undefined;
      const address = JSON.stringify(relative(output, id).replaceAll("\\", "/"));
      return code.replaceAll("import.meta.url", `new URL(${address}, import.meta.url).href`);
    },
  };
}
