/** Which model of which hub, how its addresses are made, and where a cache keeps what the hub said of it. */
import { DiffusionError, found } from "../core/error.ts";

const DEFAULT_ENDPOINT = "https://huggingface.co";
/** Where a model's page is a way to name it, whatever the endpoint. */
const hubHosts = ["huggingface.co", "www.huggingface.co", "hf.co"];
/** First parts of addresses on a hub that are no owners of models. */
const otherPages = ["api", "datasets", "docs", "spaces"];
const DEFAULT_REVISION = "main";
const part = "[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?";
const idPattern = new RegExp(`^(${part}/${part})(?:@([^@\\s]+))?$`);
const pagePattern = new RegExp(`^(${part})/(${part})(?:/tree/([^/]+))?/?$`);

export interface HubModel {
  readonly endpoint: URL;
  /** As in `GSAI-ML/LLaDA-8B-Instruct`. */
  readonly id: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

/**
 * The id that a text is (`owner/name`, `owner/name@revision`), or that a page on the hub has for an address
 * (`https://huggingface.co/owner/name`, also with `/tree/revision` behind it); undefined for anything else.
 */
export function hubIdOf(text: string, endpoint: string = DEFAULT_ENDPOINT): string | undefined {
  if (idPattern.test(text)) return text;
  if (!/^https?:/.test(text) || !URL.canParse(text)) return undefined;
  const { host, pathname } = new URL(text);
  const hub = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const prefix = host === hub?.host ? hub.pathname.replace(/\/?$/, "/") : "/";
  if (!pathname.startsWith(prefix) || (host !== hub?.host && !hubHosts.includes(host))) return undefined;
  const [, owner, name, revision] = pagePattern.exec(pathname.slice(prefix.length)) ?? [];
  if (owner === undefined || otherPages.includes(owner)) return undefined;
  if (revision === undefined) return `${owner}/${name}`;
  // Written with %XX where the revision itself has slashes.
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

/** @throws DiffusionError `invalid-request` for what is no id, a second revision, or an endpoint that is none of HTTP */
export function hubModel(
  text: string,
  options: { readonly revision?: string | undefined; readonly endpoint?: string | undefined },
): HubModel {
  const fail = (why: string, value: string) =>
    new DiffusionError("invalid-request", `Cannot read a model as ${why}: found ${found(value)}`);
  const [, id, own] = idPattern.exec(hubIdOf(text, options.endpoint) ?? "") ?? [];
  if (id === undefined) throw fail("its id must be like owner/name or owner/name@revision", text);
  if (own !== undefined && options.revision !== undefined && own !== options.revision) {
    throw fail(`the revision of '${text}' is given twice`, options.revision);
  }
  const endpoint = options.endpoint ?? DEFAULT_ENDPOINT;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw fail("the hub's endpoint must be an address of http or https", endpoint);
  }
  if (url.username || url.password) throw fail("the hub's endpoint must not carry a password", url.origin);
  return { endpoint: url, id, revision: own ?? options.revision ?? DEFAULT_REVISION };
}

export function modelName({ id, revision }: HubModel): string {
  return revision === DEFAULT_REVISION ? id : `${id}@${revision}`;
}

/** Of the listing of its files. */
export function listingAddress({ endpoint, id, revision }: HubModel): URL {
  return below(endpoint, `api/models/${id}/revision/${encodeURIComponent(revision)}?blobs=true`);
}

export function fileAddress({ endpoint, id }: HubModel, commit: string, name: string): URL {
  return below(endpoint, `${id}/resolve/${commit}/${name.split("/").map(encodeURIComponent).join("/")}`);
}

/** Where a cache keeps the listing of a commit. */
export function listingKey(model: HubModel, commit: string): string {
  return `${folderOf(model)}/${commit}.json`;
}

/** Where a cache keeps the commit that a revision was last. */
export function revisionKey(model: HubModel): string {
  return `${folderOf(model)}/revisions/${segment(model.revision)}.json`;
}

function folderOf({ endpoint, id }: HubModel): string {
  return `models/${segment(endpoint.host + endpoint.pathname.replace(/\/$/, ""))}/${segment(id)}`;
}

function below(endpoint: URL, path: string): URL {
  return new URL(path, `${endpoint.origin}${endpoint.pathname.replace(/\/?$/, "/")}`);
}

/** A text as one segment of a path, on any system: other characters than these are written as %XX. */
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
