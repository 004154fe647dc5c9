/**
 * Checks that files, links and commands on the package's pages exist in the package. A block of text that contains the word
 * "repository", or whose heading does, can refer to files that only the repository has.
 */
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import type { Installed } from "./installed.ts";

interface Block {
  readonly text: string;
  /** The number of the first line. */
  readonly line: number;
}

/** The paragraphs, list items, table rows and code blocks of a page that refer to the package. */
function blocksOf(page: string): readonly Block[] {
  const blocks: { text: string; line: number }[] = [];
  let fenced = false;
  let exempt = false;
  let open = false;
  for (const [index, line] of page.split("\n").entries()) {
    const isFence = /^\s*```/.test(line);
    const heading = !fenced && /^#+ (.*)/.exec(line)?.[1];
    if (heading) exempt = /repository/i.test(heading);
    const begins = !fenced && (isFence || /^\s*([-*]|\d+\.) |^\|/.test(line) || !open);
    if (isFence) fenced = !fenced;
    if (line.trim() === "" && !fenced) open = false;
    else if (!exempt) {
      if (begins) blocks.push({ text: line, line: index + 1 });
      else blocks.at(-1)!.text += `\n${line}`;
      open = !(isFence && !fenced);
    }
  }
  return blocks.filter(({ text }) => !/repository/i.test(text));
}

/** GitHub's anchors of the headings. */
function anchorsOf(page: string): readonly string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!.toLowerCase());
  return headings.map((heading) => heading.replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
}

const folders = "src|test|bench|scripts|shaders|examples|docs|models|deploy|dist|native|demo";
/** A path in this project, but not in a user's folder (`./models/mine`) or in a cache (`models/HOST`). */
const path = new RegExp(`(?<![\\w./}-])(?:${folders})/[\\w.-][\\w./-]*`, "g");

/** A placeholder for a folder. */
const placeholder = /\/[A-Z]+(?:\/|$)/;

/** References of a page that do not exist in the package. */
function untrue(file: string, installed: Installed, commands: readonly string[]): readonly string[] {
  const { files } = installed;
  const exists = (name: string) =>
    files.some((each) => each === name || each.startsWith(`${name.replace(/\/$/, "")}/`));
  return blocksOf(installed.read(file)).flatMap(({ text, line }) => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
    const deadLinks = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [name, anchor] = link.split("#");
      const target = name === "" ? file : posix.join(posix.dirname(file), name!);
      return !exists(target) || (anchor !== undefined && !anchorsOf(installed.read(target)).includes(anchor));
    });
    const prose = text.replaceAll(/\]\([^)]*\)/g, "]").replaceAll(/https?:\/\/\S+/g, "");
    const deadPaths = [...prose.matchAll(path)]
      .map(([name]) => name.replace(/[.,]+$/, ""))
      .filter((name) => !placeholder.test(name) && !exists(name));
    const runs = [...prose.matchAll(/\bnpx (?:--?\S+ )*(\S+)(?: (\w+))?/g)];
    const deadRuns = runs.filter(
      ([, bin, command]) => bin !== "unmask" || (command && !commands.includes(command)),
    );
    const scripts = [...prose.matchAll(/\bnpm (?:run \w+|ci|start|test)\b/g)];
    const dead = [
      ...deadLinks,
      ...deadPaths,
      ...deadRuns.map(([run]) => run),
      ...scripts.map(([run]) => run),
    ];
    return dead.map((what) => `${file}:${line} ${what}`);
  });
}

export function docsTests(installed: () => Installed): void {
  describe("pages", () => {
    test("refer to existing files, links and commands", () => {
      const help = installed().run("npx", "--no-install", "unmask", "--help");
      const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!);
      expect(commands).toEqual(expect.arrayContaining(["generate", "serve"]));
      const pages = installed().files.filter((file) => /\.md$|^deploy\//.test(file));
      expect(pages.length).toBeGreaterThan(10);
      expect(pages.flatMap((file) => untrue(file, installed(), ["COMMAND", ...commands]))).toEqual([]);
    });

    test.each([
      ["a link", "See [the map](ARCHITECTURE.md)."],
      ["an anchor", "See [it](#nowhere)."],
      ["a path", "Take `models/sdar`:"],
      ["a command", "`npx unmask dance`"],
      ["a script", "Then `npm run bench`."],
      ["a path in code", "```\nnode bench/tiny.mjs\n```"],
      ["a path after a mention of the repository", "In the repository.\n\n- `bench/load.mjs`"],
    ])("fail the check for a missing reference: %s", (_, text) => {
      const page = { files: ["README.md"], read: () => `# A page\n\n${text}\n` } as unknown as Installed;
      expect(untrue("README.md", page, ["generate"])).toHaveLength(1);
    });
  });
}
