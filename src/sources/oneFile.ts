/** A model that is one file of a folder, a repository or a web server: a GGUF file. */
import type { ModelSource } from "../core/weights/source.ts";

/** The same source with one file alone. @param file its name in the source */
export function oneFile(source: ModelSource, file: string): ModelSource {
  return { ...source, name: `${source.name}/${file}`, list: async () => [file] };
}

/** The two parts of a text that names a GGUF file. */
export interface ModelFile {
  /** The id, the folder or the folder's address. */
  readonly model: string;
  readonly file: string;
}

const hubFile = /^(?:hf:)?([^:]+\/[^:]+):([^:]+\.gguf)$/;

/**
 * The parts of `hf:owner/name:file.gguf` (also with `@revision`, and without `hf:`), `https://…/file.gguf` or
 * `folder/file.gguf`. Undefined for any other text.
 */
export function modelFileOf(text: string): ModelFile | undefined {
  const [, id, fileOnHub] = /^https?:/.test(text) ? [] : (hubFile.exec(text) ?? []);
  if (id !== undefined && fileOnHub !== undefined) return { model: id, file: fileOnHub };
  if (/^https?:/.test(text) && URL.canParse(text)) {
    const address = new URL(text);
    const [, folder, name] = /^(.*\/)([^/]+\.gguf)$/.exec(address.pathname) ?? [];
    if (folder === undefined || name === undefined) return undefined;
    address.pathname = folder;
    return { model: address.href, file: decodeURIComponent(name) };
  }
  const [, folder = ".", name] = /^(?:(.*)[\\/])?([^\\/]+\.gguf)$/.exec(text) ?? [];
  return name === undefined ? undefined : { model: folder || "/", file: name };
}
