/** Imports custom decoders from modules, for engines that are named by plain data. */
import { type Decoder, DiffusionError, found } from "../core/index.ts";
import { isJsonObject } from "../core/jsonObject.ts";

/**
 * The decoders of a module: its exports `default` and `decoders`, each a decoder or an array. In a module without these
 * exports, every named export that is a decoder.
 * @param address the module's URL, for example `file:///folder/decoder.js`
 * @param name names the module in errors
 * @throws DiffusionError `invalid-request`
 */
export async function readDecoders(address: string, name = address): Promise<readonly Decoder[]> {
  const fail = (why: string, what: unknown, options?: { cause: unknown }) =>
    new DiffusionError("invalid-request", `Cannot read a decoder as ${why}: found ${found(what)}`, options);
  if (!URL.canParse(address))
    throw fail("its module must be a URL such as file:///folder/decoder.js", address);
  let exported: Readonly<Record<string, unknown>>;
  try {
    // Bundlers must leave it to the browser: the address is known at run time only.
    exported = await import(/* webpackIgnore: true */ /* @vite-ignore */ address);
  } catch (cause) {
    throw fail(`its module cannot be imported (${cause})`, name, { cause });
  }
  const { default: main, decoders: listed, ...others } = exported;
  const declared = [main, listed].flat().filter((each) => each !== undefined);
  const own =
    declared.length > 0 ? declared : Object.values(others).filter((each) => problemOf(each) === undefined);
  if (own.length === 0) {
    const exports = Object.keys(exported).join(", ") || "nothing";
    throw fail(`module '${name}' must export one as 'default', as 'decoders' or under its name`, exports);
  }
  for (const each of own) {
    const problem = problemOf(each);
    if (problem !== undefined) throw fail(`the export of '${name}' must be a decoder with ${problem}`, each);
  }
  return [...new Set(own)] as Decoder[];
}

const parameterKinds: readonly unknown[] = ["number", "boolean", "choice"];

/** The first part that a value lacks to be a decoder; undefined if its declaration is complete. */
function problemOf(value: unknown): string | undefined {
  if (!isJsonObject(value) || typeof value["commit"] !== "function") return "a function 'commit'";
  if (typeof value["name"] !== "string" || value["name"] === "") return "a 'name'";
  const { parameters } = value;
  if (!isJsonObject(parameters)) return "an object 'parameters'";
  const isDeclared = (each: unknown) => isJsonObject(each) && parameterKinds.includes(each["kind"]);
  return Object.values(parameters).every(isDeclared)
    ? undefined
    : "'parameters' declared by number, boolean or choice";
}
