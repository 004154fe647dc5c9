/** `unmask serve`: serves models through an HTTP API that is compatible with OpenAI's clients. */
import type { Command } from "commander";
import { DiffusionError, found } from "../../core/index.ts";
import type { OptionValues } from "../choices.ts";
import { collect } from "../collect.ts";
import { addDecoderModuleOption } from "../decoderModules.ts";
import { interruptible } from "../interrupt.ts";
import type { Io } from "../io.ts";
import type { EngineOptions } from "../load.ts";
import { startEngines } from "../serve/engines.ts";
import { namedModels } from "../serve/models.ts";
import { addServerOptions, readSettings, type ServerSettings } from "../serve/settings.ts";
import {
  type AddCommand,
  addBackendOption,
  addDecodeLoopOption,
  addOutputOptions,
  addSizeOptions,
} from "./command.ts";
import { examples } from "./helpText.ts";
import { addNamed } from "./overview.ts";

interface ServeOptions extends Omit<EngineOptions, "model"> {
  readonly model?: readonly string[];
  readonly host: string;
  readonly apiKeyFile?: string;
  readonly cors?: readonly string[];
  readonly page: boolean;
}

export const addServe: AddCommand = (program, { io, setExitCode }) => {
  const command = addNamed(program, "serve")
    .option(
      "--model <[name=]model>",
      "checkpoint directory, Hugging Face hub id or URL, with an optional name for requests; can be repeated (default: the embedded model)",
      collect,
    )
    .option("--offline", "use cached hub files only; no network");
  addSizeOptions(addDecodeLoopOption(addDecoderModuleOption(addBackendOption(command))))
    .option("--host <address>", "address to listen on; 0.0.0.0 for all interfaces", "127.0.0.1")
    .option(
      "--api-key-file <file>",
      "require an API key from this file, one key per line (or the variable UNMASK_API_KEYS)",
    )
    .option("--cors <origin>", "allow pages of this origin to use the API; can be repeated", collect)
    .option("--no-page", "do not serve the page at /, which shows a model decoding");
  addOutputOptions(addServerOptions(command))
    .addHelpText("after", serveExitCodes)
    .addHelpText(
      "after",
      examples(
        "unmask serve",
        "unmask serve --model ./LLaDA-8B-Instruct --model small=./a2d --port 8080",
        "unmask serve --model GSAI-ML/LLaDA-8B-Instruct --host 0.0.0.0 --api-key-file keys.txt",
      ),
    )
    .action(async (options: ServeOptions, action: Command) => {
      const settings = readSettings(action.opts() as OptionValues);
      setExitCode(await serve(io, options, settings));
    });
};

const serveExitCodes = `
Ctrl-C or SIGTERM drains the server: it rejects new requests and finishes running ones. A second signal ends it at once.
Exit codes: 0 drained, 1 failure, 2 bad input or usage, 3 all engines lost, 130 interrupted
`;

async function serve(io: Io, options: ServeOptions, settings: ServerSettings): Promise<number> {
  // Imported on demand: the server's libraries are slow to load, and no other command needs them.
  const [{ serverKeys }, { runServer }] = await Promise.all([
    import("../serve/keys.ts"),
    import("../serve/run.ts"),
  ]);
  const models = namedModels(options.model);
  const keys = await serverKeys(io, options.apiKeyFile);
  const { model: _, host, cors, page, ...shared } = options;
  const origins = cors?.map(requireOrigin);
  return interruptible(io, async (signal) => {
    const threads = await startEngines(io, models, shared, signal);
    return runServer(io, threads, { settings, host, keys, origins, page }, signal);
  });
}

/** @throws DiffusionError `invalid-request` */
function requireOrigin(text: string): string {
  if (text === "*" || (URL.canParse(text) && new URL(text).origin === text)) return text;
  const message = `Cannot use '--cors' as it must be * or an origin, for example https://example.com: found ${found(text)}`;
  throw new DiffusionError("invalid-request", message);
}
