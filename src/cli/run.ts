/** The program: its commands, and the handling of their errors. */
import { Command, CommanderError } from "commander";
import type { AddCommand, CommandContext } from "./commands/command.ts";
import { examples, exitCodeHelp } from "./commands/helpText.ts";
import { addOverview, type CommandName } from "./commands/overview.ts";
import { exitCodeOf, exitCodes, failureText } from "./fail.ts";
import { tolerateClosedPipes } from "./interrupt.ts";
import { type Io, isClosedPipe, write } from "./io.ts";
import { version } from "./version.ts";

/** A command is imported when it is called, as most of the time to start a process is that of its imports. */
const commands: Readonly<Record<CommandName, () => Promise<AddCommand>>> = {
  generate: async () => (await import("./commands/generate.ts")).addGenerate,
  infill: async () => (await import("./commands/infill.ts")).addInfill,
  chat: async () => (await import("./commands/chat.ts")).addChat,
  batch: async () => (await import("./commands/batch.ts")).addBatch,
  serve: async () => (await import("./commands/serve.ts")).addServe,
  replay: async () => (await import("./commands/replay.ts")).addReplay,
  compare: async () => (await import("./commands/compare.ts")).addCompare,
  eval: async () => (await import("./commands/eval.ts")).addEval,
  tune: async () => (await import("./commands/tune.ts")).addTune,
  info: async () => (await import("./commands/info.ts")).addInfo,
  explain: async () => (await import("./commands/explain.ts")).addExplain,
  convert: async () => (await import("./commands/convert.ts")).addConvert,
  debug: async () => (await import("./commands/debug.ts")).addDebug,
  completion: async () => (await import("./commands/completion.ts")).addCompletion,
};
/** Writes the names and options of the other commands. */
const describesAll = "completion";
const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name);
const versionFlags = ["--version", "-V"];
const helpFlags = ["--help", "-h"];

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
    const program = createProgram(io);
    if (!versionFlags.includes(argv[0]!)) await addCommands(program, argv, { io, setExitCode });
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

/** Adds the command that the arguments name, or what a help text and an error need of all. */
async function addCommands(
  program: Command,
  argv: readonly string[],
  context: Omit<CommandContext, "vocabulary">,
): Promise<void> {
  const [name = ""] = argv;
  program
    .addHelpText("after", exitCodeHelp)
    .addHelpText(
      "after",
      examples('unmask generate "sort 42 17 90"', "unmask chat", "unmask generate --help"),
    );
  if (helpFlags.includes(name) || !(name.startsWith("-") || isCommand(name))) {
    addOverview(program);
    return;
  }
  const [{ decoderModulesIn, readDecoderModules }, { vocabularyWith }] = await Promise.all([
    import("./decoderModules.ts"),
    import("./options.ts"),
  ]);
  const vocabulary = vocabularyWith(await readDecoderModules(decoderModulesIn(argv)));
  const wanted = isCommand(name) && name !== describesAll ? [commands[name]] : Object.values(commands);
  const added = await Promise.all(wanted.map((load) => load()));
  for (const add of added) add(program, { ...context, vocabulary });
}

function createProgram({ stdout, stderr }: Io): Command {
  return new Command("unmask")
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
    });
}
