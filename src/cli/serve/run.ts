/** Runs a server on loaded engines until it ends. */
import { type Listening, listen } from "../../server/listen.ts";
import { jsonLogger, type Logger } from "../../server/log.ts";
import { createService, type Service } from "../../server/service.ts";
import { exitCodes } from "../fail.ts";
import { type Io, write } from "../io.ts";
import { version } from "../version.ts";
import { type ServedEngine, watchThreads } from "./engines.ts";
import { openPage } from "./page.ts";
import type { ServerSettings } from "./settings.ts";

export interface RunOptions {
  readonly settings: ServerSettings;
  readonly host: string;
  readonly keys?: readonly string[] | undefined;
  readonly origins?: readonly string[] | undefined;
  /** Whether to serve the page at `/`. */
  readonly page: boolean;
}

/**
 * Serves until the signal fires or all engines are lost. Then drains the running requests and disposes the engines.
 * @returns the exit code
 * @throws DiffusionError `io` if the address is not available
 */
export async function runServer(
  io: Io,
  served: ReadonlyMap<string, ServedEngine>,
  { settings, host, keys, origins, page }: RunOptions,
  signal: AbortSignal,
): Promise<number> {
  const logger = jsonLogger(settings.logLevel, (line) => io.stderr.write(line));
  const engines = new Map([...served].map(([name, { engine }]) => [name, engine]));
  const service = createService(engines, {
    logger,
    ...(keys && { keys }),
    ...(origins && { origins }),
    ...(page && { page: await openPage() }),
    bodyBytes: settings.maxBodyMib * 2 ** 20,
    bodyMs: settings.requestSeconds * 1000,
    maxRequests: settings.maxRequests,
    strict: settings.strict,
    logPrompts: settings.logPrompts,
    version: version(),
  });
  const ended = endReason(signal, service, logger);
  watchThreads(served, service.fleet);
  try {
    const listening = await listen(service.fetch, { ...settings, host });
    await announce(io, service, listening, page);
    if (!keys && !isLoopback(host))
      logger.warn({ host }, "the API is open to every client that can reach this address");
    const reason = await ended;
    await end(service, listening, settings, logger);
    return reason === "lost" ? exitCodes.enginesLost : exitCodes.ok;
  } finally {
    await service.fleet.dispose();
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

async function announce(io: Io, { fleet }: Service, { url }: Listening, page: boolean): Promise<void> {
  const lines = [...fleet.engines].map(([name, { info }]) => `  ${name}: ${info.family} on ${info.device}\n`);
  if (page) lines.push(`The page is at ${url}/\n`);
  await write(io.stdout, `Listening on ${url}\n${lines.join("")}`);
}

/** Resolves when the server has to end. */
function endReason(signal: AbortSignal, { fleet }: Service, logger: Logger): Promise<"signal" | "lost"> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve("signal"));
    if (signal.aborted) resolve("signal");
    fleet.listen({
      onLost: (model, why) => {
        logger.error({ model, error: why.message }, "engine lost");
        if (fleet.allLost) resolve("lost");
      },
    });
  });
}

async function end(
  { drain }: Service,
  listening: Listening,
  { drainSeconds }: ServerSettings,
  logger: Logger,
): Promise<void> {
  drain.begin();
  logger.info({ drainSeconds }, "draining");
  const whole = await listening.drain(drainSeconds * 1000);
  if (whole) logger.info({}, "drained: all requests have finished");
  else logger.warn({ drainSeconds }, "drained: requests that exceeded the time limit were aborted");
}
