import { allCommands, type CompletionCommand, type CompletionValue } from "./commandTree.ts";

/** The completion script for bash. */
export function bashCompletion(name: string, program: CompletionCommand): string {
  const nested = program.commands.filter(({ commands }) => commands.length > 0);
  return `# Completion of ${name} in bash: source <(${name} completion bash)
_${name}_words() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$1" -- "$2"))
}
_${name}_paths() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -f -- "$1"))
  compopt -o filenames 2>/dev/null
}
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path= options= words= paths=
  COMPREPLY=()
  if [ "$COMP_CWORD" -gt 1 ]; then path=\${COMP_WORDS[1]}; fi
  case $path in
${nested.map(({ path: [own] }) => `    ${own}) if [ "$COMP_CWORD" -gt 2 ]; then path="${own} \${COMP_WORDS[2]}"; fi ;;`).join("\n")}
  esac
  case $path in
${allCommands(program).map(commandCase(name)).join("\n")}
  esac
  case $cur in
    -*) _${name}_words "$options" "$cur" ;;
    *) if [ -n "$paths" ]; then _${name}_paths "$cur"; else _${name}_words "$words" "$cur"; fi ;;
  esac
}
complete -F _${name} ${name}
`;
}

/** Completes a command: the values of the option before the cursor, or else options, commands and arguments. */
function commandCase(name: string): (command: CompletionCommand) => string {
  return ({ path, options, argument, commands }) => {
    const values = new Map<string, string[]>();
    for (const { flags, value } of options) {
      if (!value) continue;
      const action = actionOf(name, value);
      values.set(action, [...(values.get(action) ?? []), ...flags]);
    }
    const arms = [...values].map(([action, flags]) => `        ${flags.join("|")}) ${action}return ;;\n`);
    const words = [...commands.map((each) => each.path.at(-1)!), ...argument.choices];
    return `    "${path.join(" ")}")
${arms.length > 0 ? `      case $prev in\n${arms.join("")}      esac\n` : ""}      options=${list(options.flatMap(({ flags }) => flags))}
      words=${list(words)} paths=${argument.isPath ? "1" : ""} ;;`;
  };
}

function actionOf(name: string, { choices, isPath }: CompletionValue): string {
  if (choices.length > 0) return `_${name}_words ${list(choices)} "$cur"; `;
  return isPath ? `_${name}_paths "$cur"; ` : "";
}

/** The words as lines of a quoted shell string. No word contains a quote. */
function list(words: readonly string[]): string {
  return `$'${words.join("\\n")}'`;
}
