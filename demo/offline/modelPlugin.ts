/** Puts the embedded model beside the page: into a build, and before a development server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { normalizePath, type Plugin } from "vite";
import { embeddedFiles, embeddedPath } from "../engine/embeddedFiles.ts";

/** @param folder of the model */
export function modelPlugin(folder: string): Plugin {
  return {
    name: "unmask-embedded-model",
    configureServer({ middlewares }) {
      middlewares.use((request, _response, next) => {
        const name = embeddedFiles.find((name) => request.url === `/${embeddedPath}${name}`);
        if (name !== undefined) request.url = `/@fs/${normalizePath(join(folder, name)).replace(/^\//, "")}`;
        next();
      });
    },
    generateBundle() {
      for (const name of embeddedFiles) {
        const source = readFileSync(join(folder, name));
        this.emitFile({ type: "asset", fileName: embeddedPath + name, source });
      }
    },
  };
}
