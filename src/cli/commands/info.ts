/** `unmask info`: facts about a model, and the available decoders, caches and parameters. */
import { totalmem } from "node:os";
import { backends, pickBackend } from "../../backends/named.ts";
import { checkLimits } from "../../core/engine/backend/checkLimits.ts";
import { chooseCapacity, sizesOf } from "../../core/engine/backend/sizes.ts";
import { quantizedWeightBytes } from "../../core/engine/backend/weightSizes.ts";
import { readModelFiles } from "../../core/engine/modelFiles.ts";
import {
  type Conventions,
  describeParameter,
  type Parameters,
  type Presets,
  presetNames,
  referencePolicies,
} from "../../core/index.ts";
import { f32OrQuantized } from "../../core/tensor/index.ts";
import { namedModel } from "../../sources/named.ts";
import { bytesText, countText, table } from "../format.ts";
import { interruptible } from "../interrupt.ts";
import { type Io, write } from "../io.ts";
import { type ModelOptions, sizeOptions } from "../load.ts";
import { builtIn, builtInOptions, type Choosable, type OptionKind } from "../options.ts";
import { type AddCommand, addModelOption, addOutputOptions, addSizeOptions } from "./command.ts";
import { examples, exitCodeHelp } from "./helpText.ts";
import { addNamed } from "./overview.ts";

interface InfoOptions extends ModelOptions {
  readonly json?: boolean;
  readonly backend?: string;
}

export const addInfo: AddCommand = (program, { io }) => {
  const command = addNamed(program, "info");
  addSizeOptions(
    addModelOption(command),
    "maximum sequence length for the memory figures (default: the model's context)",
  )
    .option(
      "--backend <name>",
      "compute memory for this backend, and check whether its device can hold the model",
    )
    .option("--json", "print JSON");
  addOutputOptions(command)
    .addHelpText("after", exitCodeHelp)
    .addHelpText("after", examples("unmask info", "unmask info --model ./LLaDA-8B-Instruct --json"))
    .action((options: InfoOptions) => info(io, options));
};

async function info(io: Io, options: InfoOptions): Promise<void> {
  const facts = await interruptible(io, (signal) => readFacts(io, options, signal));
  await write(io.stdout, options.json ? `${JSON.stringify(facts, undefined, 2)}\n` : factsText(facts));
}

type Facts = Awaited<ReturnType<typeof readFacts>>;

/** All facts, in the form of the JSON output. */
async function readFacts(io: Io, options: InfoOptions, signal: AbortSignal) {
  const source = namedModel(options, io.env);
  const chosen = sizeOptions(options);
  const files = await readModelFiles(source, { ...chosen, signal, headersOnly: true });
  const { model, text, checkpoint } = files;
  // As stored, whatever type is chosen: the figures of all types are compared.
  const stored =
    chosen.quantize === undefined ? files : await readModelFiles(source, { signal, headersOnly: true });
  const sizes = sizesOf(files, chooseCapacity(model, chosen));
  const fit =
    options.backend === undefined
      ? undefined
      : await checkLimits((await pickBackend(options.backend)).entry.create(), sizes);
  const token = (id: number) => ({ id, text: text?.tokenizer.tokenText(id) ?? null });
  const { feedForward, context, ...architecture } = model.architecture;
  const { defaults } = model;
  return {
    model: source.name,
    family: model.family,
    architecture: { layers: feedForward.length, ...architecture, feedForward },
    parameters: sizes.parameters,
    dtypes: [...new Set([...checkpoint.tensors.values()].map(({ dtype }) => dtype))].sort(),
    context,
    attention: attentionText(model),
    predicts: model.shift === 0 ? "its own position" : "the next position",
    maskToken: token(model.maskToken),
    stopTokens: model.stopTokens.map(token),
    tokenizer: text !== undefined,
    chatTemplate: text?.template !== undefined,
    chatTemplateProblem: text?.templateProblem?.message ?? null,
    defaults: { ...defaults, threshold: defaults.threshold ?? null },
    bytes: {
      checkpoint: sizes.checkpointBytes,
      weights: fit?.weightBytes ?? sizes.weightBytes,
      cache: sizes.cacheBytes,
      arena: sizes.arenaBytes,
    },
    weightTypes: sizes.weightTypes,
    weightBytesAs: quantizedWeightBytes(
      model.weights,
      stored.weights,
      fit ?? { residentDTypes: f32OrQuantized },
    ),
    ...(fit && { device: fit.device, problem: fit.problem ?? null }),
    presets: model.presets,
    backends: backends.map(({ name, help }) => ({ name, help })),
    decoders: builtIn.decoders.map((decoder) => declared("decoder", decoder)),
    caches: builtIn.caches.map((cache) => declared("cache", cache)),
    smoothing: parametersOf("smoothing", builtIn.smoothing),
    request: parametersOf("request", builtIn.request),
  };
}

function attentionText({ maskBlock, origin }: Conventions): string {
  if (maskBlock === Infinity) return "bidirectional";
  if (maskBlock === 1) return "causal";
  return `block-causal, blocks of ${maskBlock}${origin === "prompt" ? " that start at the prompt's end" : ""}`;
}

function declared(kind: OptionKind, { name, help, source, parameters }: Choosable) {
  return { name, help, source, parameters: parametersOf(kind, parameters) };
}

function parametersOf(kind: OptionKind, parameters: Parameters) {
  return Object.entries(parameters).map(([name, declaration]) => ({
    name,
    option: builtInOptions.find((option) => option.kind === kind && option.parameter === name)!.flag,
    takes: describeParameter(declaration),
    default: declaration.default,
    help: declaration.help,
  }));
}

function factsText(facts: Facts): string {
  const { architecture: a, bytes, defaults } = facts;
  const token = ({ id, text }: { id: number; text: string | null }) =>
    text === null ? `${id}` : `${id} ${text}`;
  const experts = a.feedForward.flatMap((layer) =>
    layer.kind === "experts"
      ? [`${layer.experts} experts, ${layer.topK} per token${layer.routing.shared ? " and one shared" : ""}`]
      : [],
  );
  const shape = [
    `${a.layers} layers`,
    `hidden ${a.hidden}`,
    `${a.heads} heads of ${a.headDimension}${a.kvHeads === a.heads ? "" : ` (${a.kvHeads} K/V heads)`}`,
    ...new Set(experts),
    `vocabulary ${a.vocabulary}`,
  ];
  const model = [
    ["model", facts.model],
    ["family", facts.family],
    ["architecture", shape.join(", ")],
    ["parameters", `${countText(facts.parameters)} in ${facts.dtypes.join(", ")}`],
    ["context", `${facts.context} positions, ${facts.attention}; each row predicts ${facts.predicts}`],
    ["mask token", token(facts.maskToken)],
    ["stop tokens", facts.stopTokens.map(token).join(", ") || "none"],
    [
      "text",
      `${facts.tokenizer ? "tokenizer" : "no tokenizer"}, ${facts.chatTemplate ? "chat template" : (facts.chatTemplateProblem ?? "no chat template")}`,
    ],
    [
      "defaults",
      `${defaults.genLength} tokens in blocks of ${defaults.blockLength}, preset balanced, threshold ${defaults.threshold ?? "unset"}`,
    ],
    ["file size", bytesText(bytes.checkpoint)],
    ["weight types", facts.weightTypes.map((each) => `${each.dtype} ${bytesText(each.bytes)}`).join(", ")],
    ["weights as", Object.entries(facts.weightBytesAs).map(fitText).join(", ")],
    [
      "memory",
      `${bytesText(bytes.weights + bytes.cache + bytes.arena)}: weights ${bytesText(bytes.weights)}, cache ${bytesText(bytes.cache)}, arena ${bytesText(bytes.arena)}`,
    ],
    ...(facts.device === undefined
      ? []
      : [
          [
            "device",
            `${facts.device}: ${facts.problem ? `too small: ${facts.problem}` : "can hold the model"}`,
          ],
        ]),
  ];
  const sections = [
    table(model),
    section(
      "Backends",
      facts.backends.map(({ name, help }) => `  ${name}: ${help}`),
    ),
    section("Presets (--preset)", presetLines(facts.presets)),
    section("Decoders (--decoder)", facts.decoders.flatMap(declaredLines)),
    section("Caches (--cache)", facts.caches.filter((cache) => !isReference(cache)).flatMap(declaredLines)),
    section(
      "Caches that make the passes of published implementations, for comparison (--cache)",
      facts.caches.filter(isReference).flatMap(declaredLines),
    ),
    section("Smoothing (--smoothing)", [parameterTable(facts.smoothing)]),
    section("Request", [parameterTable(facts.request)]),
  ];
  return `${sections.join("\n\n")}\n`;
}

function fitText([dtype, bytes]: readonly [string, number]): string {
  const total = totalmem();
  const note = bytes > total ? ` (more than this machine's ${bytesText(total)})` : "";
  return `${dtype} ${bytesText(bytes)}${note}`;
}

function isReference({ name }: { readonly name: string }): boolean {
  return referencePolicies.some((policy) => policy.name === name);
}

function presetLines({ source, settings }: Presets): readonly string[] {
  const lines = presetNames.map((name) => [`    ${name}`, JSON.stringify(settings[name])]);
  return [`  ${source}`, table(lines)];
}

function section(title: string, lines: readonly string[]): string {
  return `${title}\n${lines.join("\n")}`;
}

function declaredLines({ name, help, source, parameters }: Facts["decoders"][number]): readonly string[] {
  const head = `  ${name}: ${help}${source === undefined ? "" : ` ${source}.`}`;
  return parameters.length === 0 ? [head] : [head, parameterTable(parameters)];
}

function parameterTable(parameters: Facts["smoothing"]): string {
  const rows = parameters.map(({ option, takes, default: value, help }) => [
    `    ${option}`,
    `${takes} (${value ?? "off"})`,
    help,
  ]);
  return table(rows);
}
