/** The commands and options that commander was told of, as completion scripts need them. */
import type { Argument, Command, Option } from "commander";

/** What stands behind an option, or in an argument's place. */
export interface CompletionValue {
  /** All values; empty where they are not known. */
  readonly choices: readonly string[];
  /** Whether it names a file or a directory. */
  readonly isPath: boolean;
}

export interface CompletionOption {
  /** As in `-h` and `--help`. */
  readonly flags: readonly string[];
  readonly help: string;
  /** Absent where the option stands alone. */
  readonly value?: CompletionValue;
}

export interface CompletionCommand {
  /** Empty for the program itself, `["debug", "trace"]` for a command within a command. */
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

/** The command and all that are within it. */
export function allCommands(command: CompletionCommand): readonly CompletionCommand[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** How help texts call what is a path. */
const pathNames: readonly string[] = ["file", "dir", "model", "[name=]model", "left", "right"];

function optionOf({ short, long, flags, description, argChoices = [] }: Option): CompletionOption {
  const named = [short, long].filter((flag) => flag !== undefined);
  const [, name] = /[<[](.+)[>\]]$/.exec(flags) ?? [];
  const own = { flags: named, help: shortened(description) };
  if (name === undefined) return own;
  return { ...own, value: { choices: choicesOf(name, argChoices), isPath: pathNames.includes(name) } };
}

/** Declared parameters have their choices in place of a name, as in `<plain|sampled>`. */
function choicesOf(name: string, choices: readonly string[]): readonly string[] {
  return choices.length === 0 && name.includes("|") ? name.split("|") : choices;
}

function argumentOf(args: readonly Argument[]): CompletionValue {
  return {
    choices: args.flatMap(({ argChoices = [] }) => argChoices),
    isPath: args.some((each) => pathNames.includes(each.name())),
  };
}

/** The first clause, as lists of completions have a line for each. */
function shortened(help: string): string {
  const [clause = ""] = help.split(/[;:(]| \(/);
  const text = clause.trim();
  return text.length > 70 ? `${text.slice(0, 69)}…` : text;
}
