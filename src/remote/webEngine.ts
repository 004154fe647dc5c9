/** Loads an engine from plain data that names its model, backend and decoders, in a worker of a page. */
import { auto } from "../backends/auto.ts";
import { cpu } from "../backends/cpu/index.ts";
import { wasm } from "../backends/wasm/index.ts";
import { webgpu } from "../backends/webgpu/index.ts";
import { type BackendFactory, DiffusionError, type Engine, found, type ModelSource } from "../core/index.ts";
import { hubIdOf } from "../sources/hubModel.ts";
import { blobs, directoryHandle, hub, oneFile, opfsCache, url } from "../sources/index.ts";
import { modelFileOf } from "../sources/oneFile.ts";
import { loadWith, type NamedOptions } from "./namedOptions.ts";
import type { Loading } from "./servedConnection.ts";

export interface WebModel {
  /**
   * A hub id, the address of a model's page on the hub, another absolute address, or a GGUF file in one of these
   * (`hf:owner/name:file.gguf`, `https://…/file.gguf`); or a folder that the user chose, or files by their names in the model's
   * folder, one of which may be a GGUF file.
   */
  readonly model: string | FileSystemDirectoryHandle | Readonly<Record<string, Blob>>;
  /** The names of all files at an address, where they are known: then no other name is requested. */
  readonly files?: readonly string[];
  /** Whether the files of an address or of the hub are kept in the origin private file system. Default true. */
  readonly keep?: boolean;
  /** Use kept hub files only; no network. */
  readonly offline?: boolean;
  /** Address of the hub. Default: https://huggingface.co. */
  readonly endpoint?: string;
}

export interface WebEngineOptions extends WebModel, NamedOptions {}

/**
 * @throws DiffusionError as `Engine.load` does; `invalid-request` for an unknown name; `unsupported` for a backend that is
 *   not available here
 */
export async function loadWebEngine(
  { model, files, keep, offline, endpoint, ...options }: WebEngineOptions,
  loading: Loading,
): Promise<Engine> {
  const { backend: name = "auto", profile = false } = options;
  const backend = webBackend(name, { profile, onPick: loading.onPick });
  const source = webModel({
    model,
    ...(files && { files }),
    ...(keep !== undefined && { keep }),
    ...(offline !== undefined && { offline }),
    ...(endpoint !== undefined && { endpoint }),
  });
  return loadWith(source, backend, options, loading);
}

/** @throws DiffusionError `invalid-request` */
export function webModel(named: WebModel): ModelSource {
  const { model, files, keep = true, offline = false, endpoint } = named;
  const fail = (why: string, value: unknown) =>
    new DiffusionError("invalid-request", `Cannot load the model as ${why}: found ${found(value)}`);
  if (typeof model !== "string") {
    return isFolder(model) ? directoryHandle(model) : blobs(model);
  }
  const one = modelFileOf(model);
  if (one) return oneFile(webModel({ ...named, model: one.model }), one.file);
  const cache = keep ? { cache: opfsCache() } : {};
  const id = hubIdOf(model, endpoint);
  if (id !== undefined) return hub(id, { ...cache, offline, ...(endpoint !== undefined && { endpoint }) });
  if (!URL.canParse(model)) {
    throw fail("its name must be an id of the hub, like owner/name, or an absolute address", model);
  }
  if (offline) throw fail("a web server cannot be read offline", model);
  return url(model, { ...cache, ...(files && { files }) });
}

function isFolder(model: FileSystemDirectoryHandle | object): model is FileSystemDirectoryHandle {
  return "kind" in model && model.kind === "directory";
}

interface WebBackendOptions extends Pick<Loading, "onPick"> {
  readonly profile: boolean;
}

/** @throws DiffusionError `invalid-request` */
export function webBackend(name: string, { profile, onPick }: WebBackendOptions): BackendFactory {
  if (name === "auto") return auto({ profile, onPick });
  const makers: Readonly<Record<string, () => BackendFactory>> = {
    webgpu: () => webgpu({ profile }),
    wasm,
    cpu,
  };
  if (!Object.hasOwn(makers, name)) {
    const message = `Cannot choose the backend as it must be one of auto, webgpu, wasm, cpu: found ${found(name)}`;
    throw new DiffusionError("invalid-request", message);
  }
  onPick(name, "chosen by name");
  return makers[name]!();
}
