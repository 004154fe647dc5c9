import { allCommands, type CompletionCommand, type CompletionValue } from "./commandTree.ts";

/** The completion script for fish. */
export function fishCompletion(name: string, program: CompletionCommand): string {
  const lines = allCommands(program).flatMap((command) => commandLines(name, command));
  return [
    `# Completion of ${name} in fish: ${name} completion fish | source`,
    `complete -c ${name} -f`,
    ...lines,
    "",
  ].join("\n");
}

function commandLines(
  name: string,
  { path, options, argument, commands }: CompletionCommand,
): readonly string[] {
  const here = path.map((each) => `__fish_seen_subcommand_from ${each}`);
  const names = commands.map((each) => each.path.at(-1)!);
  const start = (conditions: readonly string[]) =>
    `complete -c ${name}${conditions.length > 0 ? ` -n ${quoted(conditions.join("; and "))}` : ""}`;
  const before = names.length > 0 ? [`not __fish_seen_subcommand_from ${names.join(" ")}`] : [];
  const open = start([...here, ...before]);
  return [
    ...commands.map(({ path: own, help }) => `${open} -a ${own.at(-1)} -d ${quoted(help)}`),
    ...(argument.choices.length > 0 || argument.isPath ? [`${open} ${valueFlags(argument)}`] : []),
    ...options.map(({ flags, help, value }) => {
      const named = flags.map((flag) =>
        flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      );
      return `${open} ${named.join(" ")}${value ? ` -r ${valueFlags(value)}` : ""} -d ${quoted(help)}`;
    }),
  ];
}

function valueFlags({ choices, isPath }: CompletionValue): string {
  if (choices.length > 0) return `-f -a ${quoted(choices.join(" "))}`;
  return isPath ? "-F" : "-f";
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
