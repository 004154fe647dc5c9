/** `unmask serve`: models behind an API that OpenAI's clients speak. */
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
  addLoopOption,
  addOutputOptions,
  addSizeOptions,
  examples,
} from "./command.ts";

interface ServeOptions extends Omit<EngineOptions, "model"> {
  readonly model?: readonly string[];
  readonly host: string;
  readonly apiKeyFile?: string;
  readonly cors?: readonly string[];
}

export const addServe: AddCommand = (program, { io, setExitCode }) => {
  const command = program
    .command("serve")
    .description("Serve models over HTTP, as OpenAI's clients ask for them, until it is told to end.")
    .option(
      "--model <[name=]model>",
      "a directory, id of the hub or address, and the name to serve it by; may be given several times (default: the embedded model)",
      collect,
    )
    .option("--offline", "take models of the hub from the cache, and ask nobody");
  addSizeOptions(addLoopOption(addDecoderModuleOption(addBackendOption(command))))
    .option("--host <address>", "where to listen: 0.0.0.0 is everywhere", "127.0.0.1")
    .option(
      "--api-key-file <file>",
      "take only requests with a key of this file, one a line (or: UNMASK_API_KEYS)",
    )
    .option("--cors <origin>", "let pages of this origin use the API; may be given several times", collect);
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
Ctrl-C or SIGTERM: no new requests; those under way are finished. Once more: ends at once.
Exit codes: 0 ended as told, 1 failure, 2 bad input or usage, 3 no engine is left, 130 interrupted
`;

async function serve(io: Io, options: ServeOptions, settings: ServerSettings): Promise<number> {
  // The server's libraries take longer to load than all else, and no other command needs them.
  const [{ serverKeys }, { runServer }] = await Promise.all([
    import("../serve/keys.ts"),
    import("../serve/run.ts"),
  ]);
  const models = namedModels(options.model);
  const keys = await serverKeys(io, options.apiKeyFile);
  const { model: _, host, cors, ...shared } = options;
  const origins = cors?.map(requireOrigin);
  return interruptible(io, async (signal) => {
    const threads = await startEngines(io, models, shared, signal);
    return runServer(io, threads, { settings, host, keys, origins }, signal);
  });
}

/** @throws DiffusionError `invalid-request` */
function requireOrigin(text: string): string {
  if (text === "*" || (URL.canParse(text) && new URL(text).origin === text)) return text;
  const message = `Cannot use '--cors' as it must be an origin like https://example.com, or *: found ${found(text)}`;
  throw new DiffusionError("invalid-request", message);
}
