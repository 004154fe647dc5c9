import { readFileSync } from "node:fs";

/** The version of the package. */
export function version(): string {
  // The same place seen from src/ and from dist/.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
