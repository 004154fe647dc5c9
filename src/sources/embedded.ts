import type { ModelSource } from "../core/weights/index.ts";
import { directory } from "./directory.ts";
import { embeddedFolder } from "./embeddedFolder.ts";

/** The small model that comes with the package. */
export function embeddedModel(): ModelSource {
  return directory(embeddedFolder);
}
