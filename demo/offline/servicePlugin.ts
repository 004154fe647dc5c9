/** Builds the service worker: sw.js beside index.html, which begins with the list of the page's files. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin, ResolvedConfig } from "vite";

const script = "sw.js";

export function serviceWorkerPlugin(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "unmask-service-worker",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    buildStart() {
      this.emitFile({
        type: "chunk",
        id: fileURLToPath(new URL("serviceWorker.ts", import.meta.url)),
        fileName: script,
      });
    },
    // Only now all files are written.
    closeBundle() {
      const built = resolve(config.root, config.build.outDir);
      const files = filesIn(built);
      const hash = createHash("sha256");
      for (const name of files) hash.update(name).update(readFileSync(join(built, name)));
      const build = {
        version: hash.digest("hex").slice(0, 16),
        files: files.filter((name) => name !== script),
      };
      const code = readFileSync(join(built, script), "utf8");
      writeFileSync(join(built, script), `self.pageBuild=${JSON.stringify(build)};\n${code}`);
    },
  };
}

/** Relative to the folder, with `/`, in order. */
function filesIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}
