/** `unmask convert`: writes a model in another format, quantized or not. */
import { Option } from "commander";
import { readModelFiles } from "../../core/engine/modelFiles.ts";
import {
  type Conversion,
  type ConversionFormat,
  conversionFormats,
  convertModel,
  type ModelSource,
} from "../../core/index.ts";
import { type QuantizedDType, quantizedDTypes } from "../../core/tensor/index.ts";
import { DiskOutput } from "../../sources/diskOutput.ts";
import { namedModel } from "../../sources/named.ts";
import { bytesText, countText, table } from "../format.ts";
import { interruptible } from "../interrupt.ts";
import { type Io, write } from "../io.ts";
import { loadingText } from "../progressText.ts";
import { StatusLine } from "../statusLine.ts";
import { type AddCommand, addOutputOptions } from "./command.ts";
import { examples, exitCodeHelp } from "./helpText.ts";
import { addNamed } from "./overview.ts";

interface ConvertOptions {
  readonly to?: ConversionFormat;
  readonly quantize?: QuantizedDType;
  readonly force?: boolean;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export const addConvert: AddCommand = (program, { io }) => {
  const command = addNamed(program, "convert")
    .argument("<source>", "a model, as for --model of other commands")
    .argument("<target>", "the GGUF file or the folder to write")
    .addOption(
      new Option(
        "--to <format>",
        "format (default: gguf for a target that ends in .gguf, else safetensors)",
      ).choices(conversionFormats),
    )
    .addOption(
      new Option(
        "--quantize <dtype>",
        "type of the matrices (default: as in the source); embedding and head are not narrower than q8_0",
      ).choices(quantizedDTypes),
    )
    .option("--force", "overwrite an existing target")
    .option("--offline", "use cached hub files only; no network")
    .option("--json", "print JSON");
  addOutputOptions(command)
    .addHelpText("after", exitCodeHelp)
    .addHelpText(
      "after",
      examples(
        "unmask convert ./LLaDA-8B-Instruct llada-q4_k.gguf --quantize q4_k",
        "unmask convert hf:owner/name:model.gguf ./model --to safetensors",
      ),
    )
    .action((source: string, target: string, options: ConvertOptions) =>
      convert(io, source, target, options),
    );
};

async function convert(io: Io, model: string, target: string, options: ConvertOptions): Promise<void> {
  const source = namedModel({ model, offline: options.offline ?? false }, io.env);
  const { quantize, to = target.endsWith(".gguf") ? "gguf" : "safetensors" } = options;
  const kind = to === "gguf" ? "file" : "folder";
  const line = new StatusLine(io);
  try {
    const result = await interruptible(io, async (signal) => {
      const output = await DiskOutput.create(target, { kind, force: options.force ?? false });
      try {
        await download(source, line, signal);
        const onProgress = (loadedBytes: number, totalBytes: number) =>
          line.show(`converting ${source.name}: ${bytesText(loadedBytes)} of ${bytesText(totalBytes)}`);
        const made = await convertModel(source, output, { to, quantize, signal, onProgress });
        await output.finish();
        return made;
      } finally {
        await output.abandon();
      }
    });
    line.clear();
    await write(io.stdout, options.json ? jsonText(target, to, result) : resultText(target, result));
  } finally {
    line.clear();
  }
}

/** Downloads the weights of a source that keeps them. */
async function download(source: ModelSource, line: StatusLine, signal: AbortSignal): Promise<void> {
  if (!source.download) return;
  const { checkpoint } = await readModelFiles(source, { signal, headersOnly: true });
  await source.download(checkpoint.files, {
    signal,
    onProgress: ({ loadedBytes, totalBytes }) =>
      line.show(loadingText(source.name, { stage: "download", loadedBytes, totalBytes, bytesPerSecond: 0 })),
  });
}

function resultText(target: string, { family, tensorCount, bytes, byType }: Conversion): string {
  const rows = [...byType].map(([dtype, sum]) => [
    `  ${dtype}`,
    bytesText(sum.bytes),
    `${countText(sum.elements)} elements`,
  ]);
  return `${target}: ${family}, ${tensorCount} tensors, ${bytesText(bytes)}\n${table(rows, [1, 2])}\n`;
}

function jsonText(target: string, format: ConversionFormat, result: Conversion): string {
  const { byType, ...facts } = result;
  return `${JSON.stringify({ target, format, ...facts, byType: Object.fromEntries(byType) }, undefined, 2)}\n`;
}
