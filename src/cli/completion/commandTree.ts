/** Commander's commands and options in a form for completion scripts. */
import type { Argument, Command, Option } from "commander";

/** The value of an option or an argument. */
export interface CompletionValue {
  /** All possible values; empty if unknown. */
  readonly choices: readonly string[];
  /** Whether the value is a file or a directory. */
  readonly isPath: boolean;
}

export interface CompletionOption {
  /** For example `-h` and `--help`. */
  readonly flags: readonly string[];
  readonly help: string;
  /** Absent for an option without a value. */
  readonly value?: CompletionValue;
}

export interface CompletionCommand {
  /** The names from the program down: empty for the program itself, `["debug", "trace"]` for a subcommand. */
  readonly path: readonly string[];
  readonly help: string;
  readonly options: readonly CompletionOption[];
  readonly argument: CompletionValue;
  readonly commands: readonly CompletionCommand[];
}

export function commandTree(command: Command, path: readonly string[] = []): CompletionCommand {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  return {
    path,
    help: shortened(command.description()),
    options: help.visibleOptions(command).map(optionOf),
    argument: argumentOf(command.registeredArguments),
    commands: commands.map((each) => commandTree(each, [...path, each.name()])),
  };
}

/** The command and all of its subcommands. */
export function allCommands(command: CompletionCommand): readonly CompletionCommand[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** The placeholders of paths in help texts. */
const pathNames: readonly string[] = ["file", "dir", "model", "[name=]model", "left", "right"];

function optionOf({ short, long, flags, description, argChoices = [] }: Option): CompletionOption {
  const named = [short, long].filter((flag) => flag !== undefined);
  const [, name] = /[<[](.+)[>\]]$/.exec(flags) ?? [];
  const own = { flags: named, help: shortened(description) };
  if (name === undefined) return own;
  return { ...own, value: { choices: choicesOf(name, argChoices), isPath: pathNames.includes(name) } };
}

/** The choices of a value. Declared parameters list them in the placeholder, for example `<one|two>`. */
function choicesOf(name: string, choices: readonly string[]): readonly string[] {
  return choices.length === 0 && name.includes("|") ? name.split("|") : choices;
}

function argumentOf(args: readonly Argument[]): CompletionValue {
  return {
    choices: args.flatMap(({ argChoices = [] }) => argChoices),
    isPath: args.some((each) => pathNames.includes(each.name())),
  };
}

/** The first clause of a help text, short enough for one line. */
function shortened(help: string): string {
  const [clause = ""] = help.split(/[;:(]| \(/);
  const text = clause.trim();
  return text.length > 70 ? `${text.slice(0, 69)}…` : text;
}
