/** What the commands share: their common options and the form of their help. */
import { type Command, Option } from "commander";
import { backendNames } from "../../backends/named.ts";
import { decodeLoops } from "../../core/engine/schedule/decodeLoop.ts";
import { cacheDTypes } from "../../core/tensor/index.ts";
import { weightDTypes } from "../../core/weights/index.ts";
import { collect } from "../collect.ts";
import { addDecoderModuleOption } from "../decoderModules.ts";
import type { Io } from "../io.ts";
import { addDeclaredOptions, type Vocabulary } from "../options.ts";

/** What a command needs from the program that it is a part of. */
export interface CommandContext {
  readonly io: Io;
  /** What requests may choose from: what is built in, and decoders of the user's own. */
  readonly vocabulary: Vocabulary;
  /** Sets the exit code of a command that ends without an error, yet not well. */
  setExitCode(code: number): void;
}

/** Adds itself to the program. */
export type AddCommand = (program: Command, context: CommandContext) => void;

export function addModelOption(command: Command): Command {
  return command
    .option(
      "--model <model>",
      "directory of a checkpoint, id owner/name[@revision] of Hugging Face's hub, or address (default: the embedded model)",
    )
    .option("--offline", "take a model of the hub from the cache, and ask nobody");
}

/** An option whose values have names: help and completion list them, and whoever reads the value checks it. */
function optionOfNames(flags: string, help: string, names: readonly string[]): Option {
  const option = new Option(flags, help);
  option.argChoices = [...names];
  return option;
}

export function addBackendOption(command: Command): Command {
  return command.addOption(optionOfNames("--backend <name>", "what computes", backendNames).default("auto"));
}

/** @param context what `--context` does */
export function addSizeOptions(
  command: Command,
  context = "load the model for sequences of at most so many positions",
): Command {
  const cacheDType = "what the cache keeps keys and values in (default: f32); f16 takes half the bytes";
  const weightDType =
    "type of the weights in memory (default: stored, as in the checkpoint); q8_0 quantizes them to 8.5 bits";
  return command
    .option("--context <positions>", context)
    .option(
      "--batch <count>",
      "sequences of that length that the cache holds (default: 8, or what fits in 1 GiB)",
    )
    .addOption(new Option("--cache-dtype <dtype>", cacheDType).choices(cacheDTypes))
    .addOption(new Option("--weight-dtype <dtype>", weightDType).choices(weightDTypes));
}

export function addLoopOption(command: Command): Command {
  const help = "where it is decided what is committed; auto: on the device, where it can";
  return command.addOption(new Option("--loop <where>", help).choices(decodeLoops));
}

export function addOutputOptions(command: Command): Command {
  return command
    .option("--verbose", "say on standard error what is used, and what caused an error")
    .option("--no-color", "use no colours, as if NO_COLOR were set");
}

/** All options of a request. */
export function addRequestOptions(command: Command, { declarations, options }: Vocabulary): void {
  const { decoders, caches } = declarations;
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
  addModelOption(command);
  addBackendOption(command);
  addSizeOptions(addLoopOption(command))
    .option("--system <text>", "a system message before the conversation")
    .addOption(optionOfNames("--decoder <name>", "what is committed in a step", names(decoders)))
    .addOption(optionOfNames("--cache <name>", "what a pass computes anew", names(caches)))
    .option("--smoothing", "let positions that stay masked keep a mixture of what was expected there")
    .option("--stop <text>", "end the answer at this text; may be given several times", collect);
  addDecoderModuleOption(command);
  addOutputOptions(command);
  addDeclaredOptions(command, options);
}

/** All options of a request whose answer is shown as it comes. */
export function addAnswerOptions(command: Command, vocabulary: Vocabulary): void {
  addRequestOptions(command, vocabulary);
  command.option("--json", "print all events as JSON, one a line");
}

export function addTraceOptions(command: Command): Command {
  return command
    .option("--trace <file>", "save the run as JSON lines: `replay` and `compare` take them")
    .option("--force", "write the trace over a file that is there");
}

/** Lines at the end of a help text. */
export function examples(...lines: readonly string[]): string {
  return `Examples:\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

export const exitCodeHelp = "\nExit codes: 0 ok, 1 failure, 2 bad input or usage, 130 interrupted\n";
