/** The content of a terminal after a text with control sequences was written to it, without colours. */
export function screenOf(text: string): string {
  const lines: string[] = [""];
  let row = 0;
  let column = 0;
  const put = (character: string) => {
    const line = lines[row]!.padEnd(column);
    lines[row] = line.slice(0, column) + character + line.slice(column + 1);
    column++;
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters on purpose
  for (const [part, count, command] of text.matchAll(/\u001b\[\??([\d;]*)([A-Za-z])|[\s\S]/gu)) {
    const by = Math.max(1, Number(count || 1));
    if (command === "A") row = Math.max(0, row - by);
    else if (command === "B") row += by;
    else if (command === "G") column = by - 1;
    else if (command === "K") lines[row] = count === "2" ? "" : lines[row]!.slice(0, column);
    else if (command !== undefined) continue;
    else if (part === "\n") {
      row++;
      column = 0;
    } else if (part === "\r") column = 0;
    else put(part);
    while (lines.length <= row) lines.push("");
  }
  return lines.join("\n");
}
