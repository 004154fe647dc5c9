import type { CompletionCommand, CompletionOption, CompletionValue } from "./commandTree.ts";

/** The completion script for zsh, to be sourced or to be placed in `fpath` as `_unmask`. */
export function zshCompletion(name: string, program: CompletionCommand): string {
  return `#compdef ${name}
# Completion of ${name} in zsh: source <(${name} completion zsh), after compinit
_${name}() {
  local curcontext=$curcontext state line
${commandBody(program, "  ")}
}
if [ "$funcstack[1]" = "_${name}" ]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function commandBody({ options, argument, commands }: CompletionCommand, indent: string): string {
  const specs = options.map(optionSpec);
  if (commands.length === 0) return argumentsCall([...specs, argumentSpec(argument)], indent);
  const inner = `${indent}    `;
  const names = commands.map(({ path, help }) => quoted(`${path.at(-1)}:${help}`)).join(" ");
  const cases = commands.map(
    (each) => `${inner}${each.path.at(-1)})\n${commandBody(each, `${inner}  `)}\n${inner}  ;;`,
  );
  return `${argumentsCall([...specs, "'1:command:->command'", "'*::argument:->argument'"], indent)}
${indent}case $state in
${indent}  command)
${inner}local -a commands=(${names})
${inner}_describe command commands
${inner};;
${indent}  argument)
${inner}case $line[1] in
${cases.join("\n")}
${inner}esac
${inner};;
${indent}esac`;
}

function argumentsCall(specs: readonly string[], indent: string): string {
  return `${indent}_arguments -C \\\n${specs.map((spec) => `${indent}  ${spec}`).join(" \\\n")}`;
}

function optionSpec({ flags, help, value }: CompletionOption): string {
  const text = `[${help.replaceAll(/[[\]\\]/g, "\\$&")}]${value ? `:value:${actionOf(value)}` : ""}`;
  // The tree does not record which options can be repeated, so all of them can.
  return flags.map((flag) => quoted(`*${flag}${text}`)).join(" ");
}

function argumentSpec(value: CompletionValue): string {
  return quoted(`*:argument:${actionOf(value)}`);
}

function actionOf({ choices, isPath }: CompletionValue): string {
  if (choices.length > 0) return `(${choices.join(" ")})`;
  return isPath ? "_files" : " ";
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
