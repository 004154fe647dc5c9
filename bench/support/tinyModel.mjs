import { fileURLToPath } from "node:url";
import { directory } from "unmask/node";

/** The model of the recorded figures, whichever model comes with the package. */
export const tinyModel = () => directory(fileURLToPath(new URL("../../models/tiny", import.meta.url)));
