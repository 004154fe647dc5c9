/** Starts an engine in a thread by the command's options, with a progress line. */
import { type EngineThread, startEngineThread } from "../remote/thread.ts";
import { moduleAddress } from "./decoderModules.ts";
import type { Io } from "./io.ts";
import { type EngineOptions, sizeOptions } from "./load.ts";
import { loadingText } from "./progressText.ts";
import { StatusLine } from "./statusLine.ts";

/**
 * @param name the model's name on the progress line
 * @throws DiffusionError as startEngineThread
 */
export async function startEngine(
  io: Io,
  name: string,
  model: string | undefined,
  { backend, offline, decodeLoop, decoderModule = [], ...sizes }: EngineOptions,
  signal: AbortSignal,
): Promise<EngineThread> {
  const line = new StatusLine(io);
  try {
    return await startEngineThread({
      backend,
      ...sizeOptions(sizes),
      signal,
      ...(model !== undefined && { model }),
      ...(offline && { offline }),
      ...(decodeLoop && { decodeLoop }),
      decoders: decoderModule.map(moduleAddress),
      onProgress: (progress) => line.show(loadingText(name, progress)),
    });
  } finally {
    line.clear();
  }
}
