import type { HttpEngine } from "../../src/remote/index.ts";
import type { ServedModelChoice } from "./modelChoice.ts";

/** Opens the engine of a model on a server: nothing is loaded, and ending it ends the page's generations alone. */
export async function openServerModel(
  { server, model }: ServedModelChoice,
  signal: AbortSignal,
): Promise<{ readonly engine: HttpEngine; terminate(): void }> {
  const engine = await server.engine(model.name, { signal });
  return { engine, terminate: () => void engine.dispose() };
}
