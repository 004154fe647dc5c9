/** The models of the server that the page comes from, if it is a server of models. */
import { signal } from "@preact/signals";
import { DiffusionError } from "../../src/core/index.ts";
import { EngineServer, HttpError, type ServerModel } from "../../src/remote/index.ts";
import { type Problem, problemOf } from "./problem.ts";

export type ServerModels =
  /** A static host has no models. */
  | { readonly phase: "none" }
  | { readonly phase: "listing" }
  | { readonly phase: "locked"; readonly isWrongKey: boolean }
  | { readonly phase: "failed"; readonly problem: Problem }
  | { readonly phase: "listed"; readonly server: EngineServer; readonly models: readonly ServerModel[] };

export const serverModels = signal<ServerModels>({ phase: "none" });

/** Lists the models. @param key the server's API key, which stays in this tab's memory */
export async function listServerModels(key?: string): Promise<void> {
  const address = addressOfServer();
  if (address === undefined) return;
  serverModels.value = { phase: "listing" };
  try {
    const server = new EngineServer(address, key === undefined ? {} : { key });
    serverModels.value = { phase: "listed", server, models: await server.models() };
  } catch (error) {
    serverModels.value = isLocked(error)
      ? { phase: "locked", isWrongKey: key !== undefined }
      : { phase: "failed", problem: problemOf(error) };
  }
}

/** `unmask serve` marks its page, relative to which its API is. */
function addressOfServer(): string | undefined {
  const mark = document.querySelector<HTMLMetaElement>('meta[name="unmask-server"]');
  return mark ? new URL(mark.content, document.baseURI).href : undefined;
}

function isLocked(error: unknown): boolean {
  return error instanceof DiffusionError && error.cause instanceof HttpError && error.cause.status === 401;
}
