/** Decoders that modules export: how decoders of one's own reach an engine that is named by plain data. */
import { type Decoder, DiffusionError, found } from "../core/index.ts";
import { isJsonObject } from "../core/jsonObject.ts";

/**
 * The decoders of a module: those that it exports as `default` and `decoders` (one or a list); a module that has neither
 * exports each decoder by a name, and may export other things.
 * @param address as `file:///folder/decoder.js`
 * @param name how errors name the module
 * @throws DiffusionError `invalid-request`
 */
export async function readDecoders(address: string, name = address): Promise<readonly Decoder[]> {
  const fail = (why: string, what: unknown, options?: { cause: unknown }) =>
    new DiffusionError("invalid-request", `Cannot read a decoder as ${why}: found ${found(what)}`, options);
  if (!URL.canParse(address))
    throw fail("its module must have an address, as file:///folder/decoder.js", address);
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await import(address);
  } catch (cause) {
    throw fail(`its module cannot be imported (${cause})`, name, { cause });
  }
  const { default: main, decoders: listed, ...others } = exported;
  const meant = [main, listed].flat().filter((each) => each !== undefined);
  const own =
    meant.length > 0 ? meant : Object.values(others).filter((each) => problemOf(each) === undefined);
  if (own.length === 0) {
    const exports = Object.keys(exported).join(", ") || "nothing";
    throw fail(`module '${name}' must export one as 'default' or 'decoders', or by its name`, exports);
  }
  for (const each of own) {
    const problem = problemOf(each);
    if (problem !== undefined) throw fail(`what '${name}' exports must be a decoder with ${problem}`, each);
  }
  return [...new Set(own)] as Decoder[];
}

const parameterKinds: readonly unknown[] = ["number", "boolean", "choice"];

/** What a value lacks to be a decoder, as far as the declaration shows it; undefined if nothing. */
function problemOf(value: unknown): string | undefined {
  if (!isJsonObject(value) || typeof value["commit"] !== "function") return "a function 'commit'";
  if (typeof value["name"] !== "string" || value["name"] === "") return "a 'name'";
  const { parameters } = value;
  if (!isJsonObject(parameters)) return "an object 'parameters'";
  const isDeclared = (each: unknown) => isJsonObject(each) && parameterKinds.includes(each["kind"]);
  return Object.values(parameters).every(isDeclared)
    ? undefined
    : "'parameters' that number, boolean or choice declare";
}
