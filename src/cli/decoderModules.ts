/** `--decoder-module`: decoders of one's own, which become a part of the command line before it is read. */
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
    "a module that exports decoders of your own, which --decoder then takes; may be given several times",
    collect,
  );
}

/** The modules that the arguments name, whatever the command: options for their decoders' parameters depend on them. */
export function decoderModulesIn(argv: readonly string[]): readonly string[] {
  const scan = addDecoderModuleOption(new Command())
    .exitOverride()
    .configureOutput({ writeErr() {} });
  try {
    scan.parseOptions([...argv]);
  } catch (error) {
    // The value is missing, which the command says itself.
    if (!(error instanceof CommanderError)) throw error;
  }
  const { decoderModule = [] } = scan.opts<{ readonly decoderModule?: readonly string[] }>();
  return decoderModule;
}

/** What an engine in a thread takes in place of the file. */
export function moduleAddress(file: string): string {
  return pathToFileURL(resolve(file)).href;
}

/**
 * @throws DiffusionError `not-found`; `invalid-request` for a module without a decoder, and for a decoder of a name that
 *   another one has
 */
export async function readDecoderModules(files: readonly string[]): Promise<readonly Decoder[]> {
  const lists = await Promise.all([...new Set(files)].map(readModule));
  const taken = new Map(builtIn.map(({ name }) => [name, "is built in"]));
  for (const { name, file } of lists.flat()) {
    const where = taken.get(name);
    if (where !== undefined) {
      const message = `Cannot take a decoder of '${file}' as one of the same name ${where}: found ${found(name)}`;
      throw new DiffusionError("invalid-request", message);
    }
    taken.set(name, `comes from '${file}'`);
  }
  return lists.flat().map(({ decoder }) => decoder);
}

async function readModule(file: string) {
  if (!existsSync(file)) {
    throw new DiffusionError("not-found", `Cannot read decoders as there is no such file: found '${file}'`);
  }
  const decoders = await readDecoders(moduleAddress(file), file);
  return decoders.map((decoder) => ({ decoder, file, name: decoder.name }));
}
