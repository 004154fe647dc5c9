/** The part of YAML that deploy/ uses, and no more: mappings, lists and plain or double-quoted scalars, by indentation. */

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** @throws Error for what is not of that part */
export function readYaml(text: string): unknown {
  const lines = text
    .split("\n")
    .filter((line) => !/^\s*(#.*)?$/.test(line))
    .map((line) => ({ indent: line.search(/\S/), text: line.trim() }));
  const { value, next } = readBlock(lines, 0, 0);
  if (next < lines.length) throw new Error(`Unexpected indentation: ${lines[next]!.text}`);
  return value;
}

interface Read {
  readonly value: unknown;
  /** The first line behind it. */
  readonly next: number;
}

function readBlock(lines: readonly Line[], start: number, indent: number): Read {
  const first = lines[start];
  if (first?.indent !== indent) throw new Error(`Unexpected indentation: ${first?.text}`);
  return first.text.startsWith("- ") ? readList(lines, start, indent) : readMapping(lines, start, indent);
}

function readList(lines: readonly Line[], start: number, indent: number): Read {
  const value: unknown[] = [];
  let at = start;
  for (let line = lines[at]; line?.indent === indent && line.text.startsWith("- "); line = lines[at]) {
    const rest = line.text.slice(2);
    if (!/^[\w.-]+:( |$)/.test(rest)) {
      value.push(scalar(rest));
      at++;
      continue;
    }
    // What stands behind the dash begins a mapping, which goes on below it.
    const inner = [...lines.slice(0, at), { indent: indent + 2, text: rest }, ...lines.slice(at + 1)];
    const item = readMapping(inner, at, indent + 2);
    value.push(item.value);
    at = item.next;
  }
  return { value, next: at };
}

function readMapping(lines: readonly Line[], start: number, indent: number): Read {
  const value: Record<string, unknown> = {};
  let at = start;
  for (let line = lines[at]; line?.indent === indent && !line.text.startsWith("- "); line = lines[at]) {
    const [, key, rest] = /^([\w./-]+):(?: (.+))?$/.exec(line.text) ?? [];
    if (key === undefined || key in value) throw new Error(`Not a key, or one twice: ${line.text}`);
    at++;
    if (rest !== undefined) value[key] = scalar(rest);
    else {
      const inner = readBlock(lines, at, lines[at]?.indent ?? 0);
      if (lines[at]!.indent <= indent) throw new Error(`Nothing below: ${line.text}`);
      value[key] = inner.value;
      at = inner.next;
    }
  }
  return { value, next: at };
}

function scalar(text: string): unknown {
  if (text.startsWith('"')) return JSON.parse(text);
  if (/^[[{>|&*!%@`'?]|: | #/.test(text)) throw new Error(`Not a plain scalar: ${text}`);
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
