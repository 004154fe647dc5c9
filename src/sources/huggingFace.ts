/**
 * What Hugging Face's own tools are told and keep on this machine: their variables, the token of a login, the models that
 * they downloaded. Needs Node or Deno, so it is not part of the folder's index.
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
 * Options of `hub` as Hugging Face's tools would have them: `HF_ENDPOINT`; `HF_TOKEN`, or else the token of a login
 * (`HF_TOKEN_PATH`, or `token` in `HF_HOME`); `HF_HUB_OFFLINE`; and the models in `HF_HUB_CACHE`, by default `hub` in
 * `HF_HOME`, by default `huggingface` in `XDG_CACHE_HOME` or `~/.cache`.
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
  return home ? expanded(home) : join(expanded(env["XDG_CACHE_HOME"] || "~/.cache"), "huggingface");
}

function cacheOf(env: Environment): string {
  const cache = env["HF_HUB_CACHE"] || env["HUGGINGFACE_HUB_CACHE"];
  return cache ? expanded(cache) : join(homeOf(env), "hub");
}

function tokenOf(env: Environment): string | undefined {
  if (isOn(env["HF_HUB_DISABLE_IMPLICIT_TOKEN"])) return undefined;
  const given = env["HF_TOKEN"] || env["HUGGING_FACE_HUB_TOKEN"];
  if (given) return given.trim() || undefined;
  const chosen = env["HF_TOKEN_PATH"];
  const path = expanded(chosen || join(homeOf(env), "token"));
  try {
    return readFileSync(path, "utf8").trim() || undefined;
  } catch (cause) {
    // A service may not look into its user's home; nobody has asked it to.
    const isExpected = isCode(cause, "ENOENT", "ENOTDIR") || (!chosen && isCode(cause, "EACCES", "EPERM"));
    if (isExpected) return undefined;
    throw fileSystemError("read", path, cause);
  }
}

/** With the user's home for a `~` at the start. */
function expanded(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}
