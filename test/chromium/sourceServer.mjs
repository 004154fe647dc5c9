// Serves the repository's sources to an isolated page, as Vite transforms them.
import { fileURLToPath } from "node:url";
import { createServer } from "vite";

/** @returns a server that does not listen yet */
export function sourceServer() {
  return createServer({
    configFile: false,
    root: fileURLToPath(new URL("../..", import.meta.url)),
    // Not "spa", which answers every missing file with a page.
    appType: "mpa",
    logLevel: "warn",
    // A page that reloads because a file was changed or a dependency was found would lose its results.
    server: {
      host: "localhost",
      hmr: false,
      watch: null,
      // Isolated pages have memory that threads share.
      headers: {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
      },
    },
    optimizeDeps: { noDiscovery: true },
  });
}
