import { fileURLToPath } from "node:url";
import type { ModelSource } from "../core/weights/index.ts";
import { directory } from "./directory.ts";

/** The small model that comes with the package. The relative path is the same from src/ and from dist/. */
export function embeddedModel(): ModelSource {
  return directory(fileURLToPath(new URL("../../models/tiny", import.meta.url)));
}
