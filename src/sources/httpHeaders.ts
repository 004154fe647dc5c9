/** What the headers of a response say about a file. */

export function contentLength(response: Response): number | undefined {
  const text = response.headers.get("content-length");
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

// Of "bytes 0-9/100", or of "bytes */100" if the range lies outside the file.
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

/** Without the mark of weakness, which some proxies add on the way. */
export function entityTag(response: Response): string | undefined {
  return response.headers.get("etag")?.replace(/^W\//, "");
}
