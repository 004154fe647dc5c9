/**
 * The settings of Hugging Face's own tools on this machine: environment variables, the token of a login, and downloaded
 * models. Needs Node or Deno, so the folder's index does not export it.
 * Source: https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isOn } from "./environment.ts";
import { fileSystemError, isCode } from "./fileSystemError.ts";
import type { HubOptions } from "./hub.ts";
import { huggingFaceCache } from "./huggingFaceCache.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Options of `hub` from the settings of Hugging Face's tools: `HF_ENDPOINT`; `HF_TOKEN`, else the token of a login (in
 * `HF_TOKEN_PATH`, by default `token` in `HF_HOME`); `HF_HUB_OFFLINE`; and the models in `HF_HUB_CACHE`, by default `hub`
 * in `HF_HOME`. `HF_HOME` is by default `huggingface` in `XDG_CACHE_HOME` or `~/.cache`.
 * @throws DiffusionError `io` if the file of `HF_TOKEN_PATH` cannot be read
 */
export function huggingFace(
  env: Environment = process.env,
): Pick<HubOptions, "endpoint" | "token" | "offline" | "snapshots"> {
  const endpoint = env["HF_ENDPOINT"];
  const token = tokenOf(env);
  return {
    ...(endpoint && { endpoint }),
    ...(token && { token }),
    offline: isOffline(env),
    snapshots: huggingFaceCache(cacheOf(env)),
  };
}

function isOffline(env: Environment): boolean {
  return isOn(env["HF_HUB_OFFLINE"] || env["TRANSFORMERS_OFFLINE"]);
}

function homeOf(env: Environment): string {
  const home = env["HF_HOME"];
  return home ? expandHome(home) : join(expandHome(env["XDG_CACHE_HOME"] || "~/.cache"), "huggingface");
}

function cacheOf(env: Environment): string {
  const cache = env["HF_HUB_CACHE"] || env["HUGGINGFACE_HUB_CACHE"];
  return cache ? expandHome(cache) : join(homeOf(env), "hub");
}

function tokenOf(env: Environment): string | undefined {
  if (isOn(env["HF_HUB_DISABLE_IMPLICIT_TOKEN"])) return undefined;
  const token = env["HF_TOKEN"] || env["HUGGING_FACE_HUB_TOKEN"];
  if (token) return token.trim() || undefined;
  const chosenPath = env["HF_TOKEN_PATH"];
  const path = expandHome(chosenPath || join(homeOf(env), "token"));
  try {
    return readFileSync(path, "utf8").trim() || undefined;
  } catch (cause) {
    // A service may have no permission for the home folder, which matters only if the caller named a file there.
    const isExpected =
      isCode(cause, "ENOENT", "ENOTDIR") || (!chosenPath && isCode(cause, "EACCES", "EPERM"));
    if (isExpected) return undefined;
    throw fileSystemError("read", path, cause);
  }
}

/** Replaces a leading `~` by the user's home folder. */
function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}
