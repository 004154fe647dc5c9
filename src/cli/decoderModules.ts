/** `--decoder-module`: loads custom decoders before the command line is parsed, as their parameters become options. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Command, CommanderError } from "commander";
import { decoders as builtIn, type Decoder, DiffusionError, found } from "../core/index.ts";
import { readDecoders } from "../remote/readDecoders.ts";
import { collect } from "./collect.ts";

const flags = "--decoder-module <file>";

export function addDecoderModuleOption(command: Command): Command {
  return command.option(
    flags,
    "load custom decoders from a module, for use with --decoder; can be repeated",
    collect,
  );
}

/** The values of `--decoder-module` in the arguments of any command. */
export function decoderModulesIn(argv: readonly string[]): readonly string[] {
  const scan = addDecoderModuleOption(new Command())
    .exitOverride()
    .configureOutput({ writeErr() {} });
  try {
    scan.parseOptions([...argv]);
  } catch (error) {
    // A missing value: the command itself reports the error.
    if (!(error instanceof CommanderError)) throw error;
  }
  const { decoderModule = [] } = scan.opts<{ readonly decoderModule?: readonly string[] }>();
  return decoderModule;
}

/** The module's address, for an engine in a thread. */
export function moduleAddress(file: string): string {
  return pathToFileURL(resolve(file)).href;
}

/** @throws DiffusionError `not-found`; `invalid-request` for a module without a decoder, and for a duplicate name */
export async function readDecoderModules(files: readonly string[]): Promise<readonly Decoder[]> {
  const lists = await Promise.all([...new Set(files)].map(readModule));
  const taken = new Map(builtIn.map(({ name }) => [name, "is built in"]));
  for (const { name, file } of lists.flat()) {
    const where = taken.get(name);
    if (where !== undefined) {
      const message = `Cannot load decoder ${found(name)} from '${file}' as a decoder of this name ${where}`;
      throw new DiffusionError("invalid-request", message);
    }
    taken.set(name, `comes from '${file}'`);
  }
  return lists.flat().map(({ decoder }) => decoder);
}

async function readModule(file: string) {
  if (!existsSync(file)) {
    throw new DiffusionError("not-found", `Cannot load decoders as there is no such file: found '${file}'`);
  }
  const decoders = await readDecoders(moduleAddress(file), file);
  return decoders.map((decoder) => ({ decoder, file, name: decoder.name }));
}
