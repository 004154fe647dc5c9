/** Facts about a file from the headers of a response. */

export function contentLength(response: Response): number | undefined {
  const text = response.headers.get("content-length");
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Parses a header such as `bytes 0-9/100`, or `bytes *\/100` for a range outside the file. */
export function contentRange(
  response: Response,
): { start: number | undefined; total: number | undefined } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
  if (!match) return undefined;
  const [, start, total] = match;
  return {
    start: start === undefined ? undefined : Number(start),
    total: total === undefined || total === "*" ? undefined : Number(total),
  };
}

/** The ETag without the weak marker `W/`, which some proxies add. */
export function entityTag(response: Response): string | undefined {
  return response.headers.get("etag")?.replace(/^W\//, "");
}
