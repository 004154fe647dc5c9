// Tables for the terminal and for results/cpu.md.
import { readFileSync, writeFileSync } from "node:fs";

const page = new URL("../results/cpu.md", import.meta.url);

export class Report {
  #writes;

  /** @param writes whether sections replace those with the same heading in results/cpu.md */
  constructor(writes) {
    this.#writes = writes;
  }

  /**
   * @param rows of texts; the first is the head
   * @param notes lines below the table
   */
  section(heading, rows, notes = []) {
    const line = (cells) => `| ${cells.join(" | ")} |`;
    const [head, ...body] = rows;
    const rule = head.map((_, column) => (column === 0 ? "---" : "--:"));
    const text = [line(head), line(rule), ...body.map(line), ...notes.flatMap((note) => ["", note])].join(
      "\n",
    );
    console.log(`\n### ${heading}\n\n${text}`);
    if (this.#writes) replaceSection(`### ${heading}`, text);
  }
}

function replaceSection(heading, text) {
  const lines = readFileSync(page, "utf8").split("\n");
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`results/cpu.md must have the heading '${heading}'`);
  const next = lines.findIndex((line, index) => index > start && /^##/.test(line));
  const end = next < 0 ? lines.length : next;
  lines.splice(start + 1, end - start - 1, "", text, "");
  writeFileSync(page, `${lines.join("\n").trimEnd()}\n`);
}
