/** The model of the recorded traces and logits. Tests name it, as another model may come with the package. */
import { fileURLToPath } from "node:url";
import type { ModelSource } from "../../src/core/index.ts";
import { directory } from "../../src/sources/directory.ts";

export const tinyFolder = fileURLToPath(new URL("../../models/tiny", import.meta.url));
export const tinyModel = (): ModelSource => directory(tinyFolder);
