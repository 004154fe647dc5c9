/** The identity of a model on a hub, its addresses, and the names of its listings in a cache. */
import { DiffusionError, found } from "../core/error.ts";

const defaultEndpoint = "https://huggingface.co";
/** Hosts whose model pages are accepted as ids, whatever the endpoint. */
const hubHosts = ["huggingface.co", "www.huggingface.co", "hf.co"];
/** First path segments on a hub that are not owners of models. */
const reservedOwners = ["api", "datasets", "docs", "spaces"];
const defaultRevision = "main";
const part = "[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?";
const idPattern = new RegExp(`^(${part}/${part})(?:@([^@\\s]+))?$`);
const pagePattern = new RegExp(`^(${part})/(${part})(?:/tree/([^/]+))?/?$`);

export interface HubModel {
  readonly endpoint: URL;
  /** For example `GSAI-ML/LLaDA-8B-Instruct`. */
  readonly id: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

/**
 * The model id in a text: the text itself (`owner/name`, `owner/name@revision`), or the id of the model's page
 * (`https://huggingface.co/owner/name`, optionally with `/tree/revision`). Undefined for any other text.
 */
export function hubIdOf(text: string, endpoint: string = defaultEndpoint): string | undefined {
  if (idPattern.test(text)) return text;
  if (!/^https?:/.test(text) || !URL.canParse(text)) return undefined;
  const { host, pathname } = new URL(text);
  const hub = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const prefix = host === hub?.host ? hub.pathname.replace(/\/?$/, "/") : "/";
  if (!pathname.startsWith(prefix) || (host !== hub?.host && !hubHosts.includes(host))) return undefined;
  const [, owner, name, revision] = pagePattern.exec(pathname.slice(prefix.length)) ?? [];
  if (owner === undefined || reservedOwners.includes(owner)) return undefined;
  if (revision === undefined) return `${owner}/${name}`;
  // Slashes in a revision are written as %XX.
  const id = `${owner}/${name}@${decoded(revision) ?? ""}`;
  return idPattern.test(id) ? id : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** @throws DiffusionError `invalid-request` for an invalid id, two different revisions, or an endpoint without HTTP */
export function hubModel(
  text: string,
  options: { readonly revision?: string | undefined; readonly endpoint?: string | undefined },
): HubModel {
  const fail = (why: string, value: string) =>
    new DiffusionError("invalid-request", `Cannot read a model as ${why}: found ${found(value)}`);
  const [, id, revisionInText] = idPattern.exec(hubIdOf(text, options.endpoint) ?? "") ?? [];
  if (id === undefined) throw fail("its id must be like owner/name or owner/name@revision", text);
  if (revisionInText !== undefined && options.revision !== undefined && revisionInText !== options.revision) {
    throw fail(`'${text}' contradicts the option 'revision'`, options.revision);
  }
  const endpoint = options.endpoint ?? defaultEndpoint;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw fail("the hub's endpoint must be an address of http or https", endpoint);
  }
  if (url.username || url.password)
    throw fail("the hub's endpoint must not contain a user name or a password", url.origin);
  return { endpoint: url, id, revision: revisionInText ?? options.revision ?? defaultRevision };
}

export function modelName({ id, revision }: HubModel): string {
  return revision === defaultRevision ? id : `${id}@${revision}`;
}

/** The address of the listing of a model's files. */
export function listingAddress({ endpoint, id, revision }: HubModel): URL {
  return below(endpoint, `api/models/${id}/revision/${encodeURIComponent(revision)}?blobs=true`);
}

export function fileAddress({ endpoint, id }: HubModel, commit: string, name: string): URL {
  return below(endpoint, `${id}/resolve/${commit}/${name.split("/").map(encodeURIComponent).join("/")}`);
}

/** The name of a commit's listing in a cache. */
export function listingKey(model: HubModel, commit: string): string {
  return `${folderOf(model)}/${commit}.json`;
}

/** The name of the file in a cache that holds the last known commit of a revision. */
export function revisionKey(model: HubModel): string {
  return `${folderOf(model)}/revisions/${segment(model.revision)}.json`;
}

function folderOf({ endpoint, id }: HubModel): string {
  return `models/${segment(endpoint.host + endpoint.pathname.replace(/\/$/, ""))}/${segment(id)}`;
}

function below(endpoint: URL, path: string): URL {
  return new URL(path, `${endpoint.origin}${endpoint.pathname.replace(/\/?$/, "/")}`);
}

/** The model and commit of a listing in a cache, by its name there; undefined for other files. */
export function listedModel(key: string): { endpoint: string; id: string; commit: string } | undefined {
  const [, host, id, commit] = /^models\/([^/]+)\/([^/]+)\/([0-9a-f]{40})\.json$/.exec(key) ?? [];
  if (host === undefined || id === undefined || commit === undefined) return undefined;
  const { endpoint } = hubModel("owner/name", { endpoint: `https://${decodeURIComponent(host)}` });
  return { endpoint: endpoint.href, id: decodeURIComponent(id), commit };
}

/** Encodes a text as one path segment for any file system: characters other than these become %XX. */
function segment(text: string): string {
  const plain = (byte: number) => /[A-Za-z0-9_-]/.test(String.fromCharCode(byte));
  const bytes = [...new TextEncoder().encode(text)];
  return bytes
    .map((byte, i) => {
      const dot = byte === 0x2e && i > 0 && i < bytes.length - 1;
      return plain(byte) || dot ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}
