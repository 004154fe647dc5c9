import { parseJsonValue } from "../../core/weights/index.ts";
import { readBytes } from "../files.ts";
import { JsonField } from "./jsonField.ts";

/** Reads a JSON file. @throws DiffusionError `not-found`, `io`, `invalid-file` */
export async function readJsonFile(path: string): Promise<JsonField> {
  return new JsonField(path, "", parseJsonValue(await readBytes(path), path));
}
