/** How the service worker answers: which of the page's files is requested, from where it comes, and parts of files. */

/** The page's files by their names relative to the page's folder. */
export type PageFiles = readonly string[];

/** The name of a requested file of the page; undefined for everything else, which is none of the service worker's business. */
export function nameIn(files: PageFiles, address: string, scope: string): string | undefined {
  const { origin, pathname } = new URL(address);
  const folder = new URL(scope);
  if (origin !== folder.origin || !pathname.startsWith(folder.pathname)) return undefined;
  const name = decodeURIComponent(pathname.slice(folder.pathname.length)) || "index.html";
  return files.includes(name) ? name : undefined;
}

/**
 * Names in assets/ hold a checksum of the content, so that a kept copy is never old. All other files are requested from the server as
 * long as it answers: a new build is seen with the next visit.
 */
export function isImmutable(name: string): boolean {
  return name.startsWith("assets/");
}

/** The part of a whole response that a request asks for with a range of bytes: model files are read by ranges. */
export async function partOf(whole: Response, range: string | null): Promise<Response> {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === undefined) return whole;
  const body = await whole.blob();
  const start = Number(first);
  const end = last ? Math.min(Number(last), body.size - 1) : body.size - 1;
  const headers = new Headers(whole.headers);
  headers.delete("content-encoding");
  if (start > end) {
    headers.set("content-range", `bytes */${body.size}`);
    return new Response(null, { status: 416, headers });
  }
  headers.set("content-range", `bytes ${start}-${end}/${body.size}`);
  headers.set("content-length", String(end - start + 1));
  return new Response(body.slice(start, end + 1), { status: 206, headers });
}
