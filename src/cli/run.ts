/** The program: its commands, and the handling of their errors. */
import { Command, CommanderError } from "commander";
import { addBatch } from "./commands/batch.ts";
import { addChat } from "./commands/chat.ts";
import { type AddCommand, type CommandContext, examples, exitCodeHelp } from "./commands/command.ts";
import { addCompare } from "./commands/compare.ts";
import { addCompletion } from "./commands/completion.ts";
import { addConvert } from "./commands/convert.ts";
import { addDebug } from "./commands/debug.ts";
import { addEval } from "./commands/eval.ts";
import { addExplain } from "./commands/explain.ts";
import { addGenerate } from "./commands/generate.ts";
import { addInfill } from "./commands/infill.ts";
import { addInfo } from "./commands/info.ts";
import { addReplay } from "./commands/replay.ts";
import { addServe } from "./commands/serve.ts";
import { addTune } from "./commands/tune.ts";
import { decoderModulesIn, readDecoderModules } from "./decoderModules.ts";
import { exitCodeOf, exitCodes, failureText } from "./fail.ts";
import { tolerateClosedPipes } from "./interrupt.ts";
import { type Io, isClosedPipe, write } from "./io.ts";
import { vocabularyWith } from "./options.ts";
import { version } from "./version.ts";

/** In the order of the help text. */
const commands: readonly AddCommand[] = [
  addGenerate,
  addInfill,
  addChat,
  addBatch,
  addServe,
  addReplay,
  addCompare,
  addEval,
  addTune,
  addInfo,
  addExplain,
  addConvert,
  addDebug,
  addCompletion,
];

/**
 * Runs the command that the arguments name.
 * @param argv the arguments without the names of the runtime and the program
 * @returns the exit code
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exitCode: number = exitCodes.ok;
  // For errors before a command has been found.
  let verbose = argv.includes("--verbose");
  const setExitCode = (code: number) => {
    exitCode = code;
  };
  const release = tolerateClosedPipes(io);
  try {
    const vocabulary = vocabularyWith(await readDecoderModules(decoderModulesIn(argv)));
    const program = createProgram({ io, vocabulary, setExitCode });
    program.hook("preAction", (_, action) => {
      verbose = action.opts()["verbose"] === true;
    });
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander throws an error of code 0 after help and version; its other errors are wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput;
    // A closed pipe, for example `| head`, is not a failure.
    if (isClosedPipe(error)) return exitCodes.ok;
    io.stderr.write(failureText(error, verbose));
    return exitCodeOf(error);
  } finally {
    // Help and error messages are written without waiting. Flush them while errors of closed pipes are still ignored.
    await Promise.allSettled([write(io.stdout, ""), write(io.stderr, "")]);
    release();
  }
}

function createProgram(context: CommandContext): Command {
  const { stdout, stderr } = context.io;
  const program = new Command("unmask")
    .description("Inference engine for diffusion language models.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, writeText) => writeText(text.replace(/^error: /, "unmask: ")),
      getOutHelpWidth: () => stdout.columns || 100,
      getErrHelpWidth: () => stderr.columns || 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText("after", exitCodeHelp)
    .addHelpText(
      "after",
      examples('unmask generate "sort 42 17 90"', "unmask chat", "unmask generate --help"),
    );
  for (const add of commands) add(program, context);
  return program;
}
