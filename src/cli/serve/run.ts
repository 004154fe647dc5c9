/** A server from the moment that its engines are loaded to its end. */
import { type Listening, listen } from "../../server/listen.ts";
import { jsonLogger, type Logger } from "../../server/log.ts";
import { createService, type Service } from "../../server/service.ts";
import { exitCodes } from "../fail.ts";
import { type Io, write } from "../io.ts";
import { version } from "../version.ts";
import { type ServedEngine, watchThreads } from "./engines.ts";
import type { ServerSettings } from "./settings.ts";

export interface RunOptions {
  readonly settings: ServerSettings;
  readonly host: string;
  readonly keys?: readonly string[] | undefined;
  readonly origins?: readonly string[] | undefined;
}

/**
 * Serves until the signal fires or no engine is left; then what is under way is finished, and the engines are disposed.
 * @returns the exit code
 * @throws DiffusionError `io` if the address cannot be had
 */
export async function runServer(
  io: Io,
  served: ReadonlyMap<string, ServedEngine>,
  { settings, host, keys, origins }: RunOptions,
  signal: AbortSignal,
): Promise<number> {
  const logger = jsonLogger(settings.logLevel, (line) => io.stderr.write(line));
  const engines = new Map([...served].map(([name, { engine }]) => [name, engine]));
  const service = createService(engines, {
    ...{ logger, ...(keys && { keys }), ...(origins && { origins }) },
    bodyBytes: settings.maxBodyMib * 2 ** 20,
    bodyMs: settings.requestSeconds * 1000,
    requests: settings.maxRequests,
    strict: settings.strict,
    logPrompts: settings.logPrompts,
    version: version(),
  });
  const told = toldToEnd(signal, service, logger);
  watchThreads(served, service.fleet);
  try {
    const listening = await listen(service.fetch, { ...settings, host });
    await announce(io, service, listening);
    if (!keys && !isLoopback(host)) logger.warn({ host }, "anyone who reaches this address may use the API");
    const why = await told;
    await end(service, listening, settings, logger);
    return why === "lost" ? exitCodes.enginesLost : exitCodes.ok;
  } finally {
    await service.fleet.dispose();
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

async function announce(io: Io, { fleet }: Service, { url }: Listening): Promise<void> {
  const lines = [...fleet.engines].map(([name, { info }]) => `  ${name}: ${info.family} on ${info.device}\n`);
  await write(io.stdout, `Listening on ${url}\n${lines.join("")}`);
}

function toldToEnd(signal: AbortSignal, { fleet }: Service, logger: Logger): Promise<"signal" | "lost"> {
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
  if (whole) logger.info({}, "all answers are out");
  else logger.warn({ drainSeconds }, "answers were cut off as they took too long");
}
