/** The directions of imports in src: between rooms as the table in rooms.ts has them, and without a circle anywhere. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { circlesIn } from "./circles.ts";
import { filesBelow, root } from "./files.ts";
import { sourceFiles } from "./imports.ts";
import { corePackages, maxEngineFiles, roomOf, rooms } from "./rooms.ts";

const files = sourceFiles();
const arrows = files.flatMap(({ path, imports }) => imports.map((to) => ({ from: path, to })));
const names = Object.keys(rooms);

test("the files and their imports are found", () => {
  expect(files.length).toBeGreaterThan(300);
  expect(arrows).toContainEqual({ from: "src/core/engine/index.ts", to: "src/core/engine/engine.ts" });
  const known = new Set(files.map(({ path }) => path));
  const missing = arrows.filter(({ to }) => !known.has(to) && /^src\/.*\.ts$/.test(to));
  expect(missing).toEqual([]);
});

describe("rooms", () => {
  test("each room of the table imports only rooms above it in the table", () => {
    const upward = names.flatMap((name, at) => rooms[name]!.filter((to) => names.indexOf(to) >= at));
    expect(upward).toEqual([]);
    expect(names.flatMap((name) => rooms[name]!).filter((to) => !names.includes(to))).toEqual([]);
  });

  test("no file imports a room that its own room may not import", () => {
    const refused = arrows.filter(({ from, to }) => {
      const [room, other] = [roomOf(from), roomOf(to)];
      return room !== other && !rooms[room]!.includes(other);
    });
    expect(refused.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test("no room may import what no file of it imports", () => {
    const used = new Set(arrows.map(({ from, to }) => `${roomOf(from)} -> ${roomOf(to)}`));
    const unused = names.flatMap((name) => rooms[name]!.map((to) => `${name} -> ${to}`));
    expect(unused.filter((arrow) => !used.has(arrow))).toEqual([]);
  });

  test("the core imports no backend, nothing of Node, and no package but those named", () => {
    const core = files.filter(({ path }) => path.startsWith("src/core/"));
    const outside = core.flatMap(({ path, imports }) => {
      return imports.filter((to) => !to.startsWith("src/core/")).map((to) => `${path} imports ${to}`);
    });
    expect(outside).toEqual([]);
    const packages = new Set(core.flatMap((file) => file.packages));
    expect([...packages].sort()).toEqual(corePackages);
  });

  test("few files lie at the top of the engine", () => {
    const top = files.filter(({ path }) => posix.dirname(path) === "src/core/engine");
    expect(top.length).toBeGreaterThan(0);
    expect(top.length).toBeLessThanOrEqual(maxEngineFiles);
  });
});

test("no files import one another in a circle, types included", () => {
  const edges = new Map(files.map(({ path, imports }) => [path, new Set(imports)]));
  expect(circlesIn(edges)).toEqual([]);
});

// A folder and one within it are one thing: what the parts share lies at the top, and so does what puts them together.
test("no folders import one another in a circle, but a folder and one within it", () => {
  const folders = [...new Set(files.map(({ path }) => posix.dirname(path)))];
  const isWithin = (inner: string, outer: string) => `${inner}/`.startsWith(`${outer}/`);
  const edges = new Map(folders.map((folder) => [folder, new Set<string>()]));
  for (const arrow of arrows) {
    const [from, to] = [posix.dirname(arrow.from), posix.dirname(arrow.to)];
    if (!isWithin(from, to) && !isWithin(to, from)) edges.get(from)!.add(to);
  }
  expect(circlesIn(edges)).toEqual([]);
});

test("an index.ts only exports what other files declare", () => {
  const indexes = files.filter(({ path }) => path.endsWith("/index.ts"));
  expect(indexes.length).toBeGreaterThan(10);
  expect(indexes.filter((file) => !file.onlyReexports).map(({ path }) => path)).toEqual([]);
});

test("circles are found", () => {
  const edges = { a: ["b"], b: ["c"], c: ["b", "d"], d: ["d"], e: [] };
  const graph = new Map(Object.entries(edges).map(([from, to]) => [from, new Set(to)]));
  expect(circlesIn(graph)).toEqual([["b", "c"], ["d"]]);
});

/** The name in the nearest package.json. */
function packageOf(folder: string): string {
  const file = join(root, folder, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).name : packageOf(dirname(folder));
}

test("benchmarks that import the package by its name find it", () => {
  const importsIt = (path: string) => / from "unmask["/]/.test(readFileSync(join(root, path), "utf8"));
  const scripts = filesBelow("bench", [".mjs"]).filter(importsIt);
  expect(scripts.length).toBeGreaterThan(5);
  // A package finds itself by its name only where no other package.json is nearer.
  expect(scripts.filter((path) => packageOf(dirname(path)) !== "unmask")).toEqual([]);
});
