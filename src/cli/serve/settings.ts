/** Derives the options of `serve` from the server's declared parameters. */
import { type Command, Option } from "commander";
import { type Parameter, type ValuesOf, validate } from "../../core/declare/index.ts";
import { parseValue } from "../../core/declare/parseValue.ts";
import { serverParameters } from "../../server/parameters.ts";
import type { OptionValues } from "../choices.ts";
import { defaultText, flagOf, placeholder } from "../options.ts";

export type ServerSettings = ValuesOf<typeof serverParameters>;

const entries: readonly (readonly [string, Parameter])[] = Object.entries(serverParameters);

export function addServerOptions(command: Command): Command {
  for (const [name, parameter] of entries) {
    const value = placeholder(parameter);
    const flags = parameter.kind === "boolean" ? flagOf(name) : `${flagOf(name)} <${value}>`;
    const help = parameter.kind === "boolean" ? "" : ` (default: ${defaultText(parameter)})`;
    command.addOption(new Option(flags, parameter.help + help));
  }
  return command;
}

/** @throws DiffusionError `invalid-request` */
export function readSettings(values: OptionValues): ServerSettings {
  const given = entries.flatMap(([name, parameter]) => {
    const text = values[name] as string | boolean | undefined;
    return text === undefined ? [] : [[name, parseValue(flagOf(name), parameter, text)] as const];
  });
  return validate("the server", serverParameters, Object.fromEntries(given));
}
