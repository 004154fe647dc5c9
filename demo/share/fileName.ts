/** Names of files that the page saves. */

/** @returns for example `unmask-story-leo-blue-bird.jsonl` */
export function fileName(prompt: string, extension: string): string {
  const words =
    prompt
      .normalize("NFKD")
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  return `${["unmask", ...words].join("-").slice(0, 40).replace(/-$/, "")}.${extension}`;
}
