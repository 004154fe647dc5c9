/** The files of the page, in memory: a request only names one of them, so no path can lead elsewhere. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { getMimeType } from "hono/utils/mime";

export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
  /** Whether the name changes with the content, as a bundler's names do. */
  readonly isHashed: boolean;
}

/** Files by their path in the page's address, for example `/assets/index.js`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

export interface PageFolders {
  /** `index.html` and `assets/`, as Vite builds them. */
  readonly page: string;
  /** The embedded model, which the page finds in `embedded/`. */
  readonly model: string;
}

const indexName = "index.html";
const serverMark = '<meta name="unmask-server" content="." />';

/** Reads the page and the embedded model. @returns undefined if the page is not built */
export async function readPage({ page, model }: PageFolders): Promise<PageFiles | undefined> {
  const built = await readFolder(page, "/").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  const index = built?.get(`/${indexName}`);
  if (!built || !index) return undefined;
  const marked = withServerMark(index);
  return new Map([
    ...built,
    ["/", marked],
    [`/${indexName}`, marked],
    ...(await readFolder(model, "/embedded/")),
  ]);
}

/** The page finds by the mark that it comes from a server of models. Static hosts serve the page without the mark. */
function withServerMark({ bytes }: PageFile): PageFile {
  const html = new TextDecoder().decode(bytes).replace("</head>", `${serverMark}</head>`);
  return fileOf(indexName, new TextEncoder().encode(html));
}

async function readFolder(folder: string, prefix: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>();
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(join(folder, "/").length).replaceAll("\\", "/");
    files.set(prefix + name, fileOf(name, Uint8Array.from(await readFile(path))));
  }
  return files;
}

function fileOf(name: string, bytes: Uint8Array<ArrayBuffer>): PageFile {
  const digest = createHash("sha256").update(bytes).digest("base64url");
  return {
    bytes,
    type: getMimeType(name) ?? "application/octet-stream",
    etag: `"${digest}"`,
    isHashed: name.startsWith("assets/"),
  };
}
