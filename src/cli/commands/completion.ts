/** `unmask completion`: shell completion scripts. */
import { Argument } from "commander";
import { bashCompletion } from "../completion/bash.ts";
import { type CompletionCommand, commandTree } from "../completion/commandTree.ts";
import { fishCompletion } from "../completion/fish.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { write } from "../io.ts";
import type { AddCommand } from "./command.ts";
import { examples, exitCodeHelp } from "./helpText.ts";
import { addNamed } from "./overview.ts";

const shells: Readonly<Record<string, (name: string, program: CompletionCommand) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export const addCompletion: AddCommand = (program, { io }) => {
  addNamed(program, "completion")
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(shells)))
    .addHelpText("after", exitCodeHelp)
    .addHelpText(
      "after",
      examples(
        "source <(unmask completion bash)      # in ~/.bashrc",
        "source <(unmask completion zsh)       # in ~/.zshrc, after compinit",
        "unmask completion fish | source       # in ~/.config/fish/config.fish",
      ),
    )
    .action((shell: string) => write(io.stdout, shells[shell]!(program.name(), commandTree(program))));
};
