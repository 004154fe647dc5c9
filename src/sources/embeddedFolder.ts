import { fileURLToPath } from "node:url";

/** The files of the model that comes with the package. The relative path is the same from src/ and from dist/. */
export const embeddedFolder = fileURLToPath(new URL("../../models/small", import.meta.url));
