/** Options that several commands share, and the format of their help. */
import { type Command, Option } from "commander";
import { backendNames } from "../../backends/named.ts";
import { decodeLoops } from "../../core/engine/schedule/decodeLoop.ts";
import { referencePolicies } from "../../core/index.ts";
import { cacheDTypes } from "../../core/tensor/index.ts";
import { quantizations } from "../../core/weights/index.ts";
import { collect } from "../collect.ts";
import { addDecoderModuleOption } from "../decoderModules.ts";
import type { Io } from "../io.ts";
import { addDeclaredOptions, type Vocabulary } from "../options.ts";

/** The services of the program for its commands. */
export interface CommandContext {
  readonly io: Io;
  /** Built-in declarations and custom decoders. */
  readonly vocabulary: Vocabulary;
  /** Sets the exit code of a command that fails without throwing. */
  setExitCode(code: number): void;
}

/** Adds a command to the program. */
export type AddCommand = (program: Command, context: CommandContext) => void;

export function addModelOption(command: Command): Command {
  return command
    .option(
      "--model <model>",
      "checkpoint directory or GGUF file, Hugging Face hub id owner/name[@revision] or hf:owner/name:file.gguf, or URL (default: the embedded model)",
    )
    .option("--offline", "use cached hub files only; no network");
}

/** An option with named values, for help and completion. The reader of the value validates it. */
function optionOfNames(flags: string, help: string, names: readonly string[]): Option {
  const option = new Option(flags, help);
  option.argChoices = [...names];
  return option;
}

export function addBackendOption(command: Command): Command {
  return command.addOption(
    optionOfNames("--backend <name>", "compute backend", backendNames).default("auto"),
  );
}

/** @param context the help of `--context` */
export function addSizeOptions(
  command: Command,
  context = "maximum sequence length in positions (default: the model's context)",
): Command {
  const cacheDType = "dtype of the K/V cache (default: f32); f16 takes half the memory";
  const quantize =
    "quantize weights while they are loaded, to 8.5, 6.6, 4.5 or 4.5 bits (default: none, as in the checkpoint)";
  return command
    .option("--context <positions>", context)
    .option(
      "--batch <count>",
      "K/V cache capacity in sequences of that length (default: 8, or as many as fit in 1 GiB)",
    )
    .addOption(new Option("--cache-dtype <dtype>", cacheDType).choices(cacheDTypes))
    .addOption(new Option("--quantize <dtype>", quantize).choices(quantizations));
}

export function addDecodeLoopOption(command: Command): Command {
  return command.addOption(decodeLoopOption("--decode-loop <where>"));
}

/** @param flags `--decode-loop <where>`, or the shorter name that `unmask debug` has for scripts */
export function decodeLoopOption(flags: string): Option {
  const help = "where the decode loop runs (default: auto)";
  return new Option(flags, help).choices(decodeLoops);
}

export function addOutputOptions(command: Command): Command {
  return command
    .option("--verbose", "print details and the causes of errors on standard error")
    .option("--no-color", "disable colours, as the variable NO_COLOR does");
}

/** All options of a request. */
export function addRequestOptions(command: Command, { declarations, options }: Vocabulary): void {
  const { decoders, caches } = declarations;
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
  const cacheHelp = `cache policy, which selects the positions that a pass recomputes; the last ${referencePolicies.length} make the passes of published implementations, for comparison`;
  addModelOption(command);
  addBackendOption(command);
  addSizeOptions(addDecodeLoopOption(command))
    .option("--system <text>", "system message")
    .addOption(
      optionOfNames(
        "--decoder <name>",
        "decoder, which selects the tokens that a step commits",
        names(decoders),
      ),
    )
    .addOption(optionOfNames("--cache <name>", cacheHelp, names(caches)))
    .option("--smoothing", "iteration smoothing: feed back soft embeddings at masked positions")
    .option("--stop <text>", "stop string, which ends the answer; can be repeated", collect);
  addDecoderModuleOption(command);
  addOutputOptions(command);
  addDeclaredOptions(command, options);
}

/** The options of a request whose answer is streamed. */
export function addAnswerOptions(command: Command, vocabulary: Vocabulary): void {
  addRequestOptions(command, vocabulary);
  command.option("--json", "print all events as JSON lines");
}

export function addTraceOptions(command: Command): Command {
  return command
    .option("--trace <file>", "save all events to a trace file for `replay` and `compare`")
    .option("--force", "overwrite an existing trace file");
}
