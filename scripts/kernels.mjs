// Compiles assembly/ to WebAssembly and writes src/backends/wasm/kernels.generated.ts: both modules (for memory that threads
// share, and for memory of one thread) as text that every bundler keeps, and a typed call for each export. The same modules with
// relaxed SIMD go to relaxedKernels.generated.ts, which is imported when they are wanted. With --check it writes nothing, and
// fails if a file is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("../", import.meta.url));
const target = "src/backends/wasm/kernels.generated.ts";
const relaxedTarget = "src/backends/wasm/relaxedKernels.generated.ts";

/** Compiles, and returns the module and its declarations. */
async function compile(options) {
  const files = new Map();
  const { error, stderr } = await asc.main(
    [
      "assembly/index.ts",
      ...["--optimizeLevel", "3", "--shrinkLevel", "0", "--noAssert", "--runtime", "stub"],
      ...["--importMemory", "--memoryBase", "1024", "--enable", "simd", "--enable", "threads"],
      ...["--outFile", "kernels.wasm", "--bindings", "raw"],
      ...options,
    ],
    {
      readFile: (name, base) => {
        try {
          return readFileSync(`${root}${base === "." ? "" : `${base}/`}${name}`, "utf8");
        } catch {
          return null;
        }
      },
      writeFile: (name, contents) => files.set(name, contents),
      listFiles: () => [],
    },
  );
  if (error) throw new Error(stderr.toString(), { cause: error });
  return { wasm: files.get("kernels.wasm"), declarations: String(files.get("kernels.d.ts")) };
}

/** The exported functions with the names of their parameters. */
function exportsOf(declarations) {
  const functions = declarations.matchAll(/export function (\w+)\((.*?)\): void;/g);
  return [...functions].map(([, name, list]) => ({
    name,
    parameters: list === "" ? [] : list.split(", ").map((parameter) => parameter.replace(/: .*/, "")),
  }));
}

const base64 = (wasm) => Buffer.from(wasm).toString("base64");

/** The module for memory of one thread, and that for memory that threads share. */
async function compileBoth(options) {
  const alone = await compile(options);
  // A shared memory has a maximum: that of src/backends/wasm/linearMemory.ts.
  const shared = await compile([...options, "--sharedMemory", "--maximumMemory", "65535"]);
  return { alone, shared };
}

function moduleLines(name, { alone, shared }) {
  return [
    "/** The module for memory of one thread, and that for memory that threads share, in base64. */",
    `export const ${name}: Readonly<Record<"alone" | "shared", string>> = {`,
    `  alone: ${JSON.stringify(base64(alone.wasm))},`,
    `  shared: ${JSON.stringify(base64(shared.wasm))},`,
    "};",
    "",
  ];
}

const modules = await compileBoth([]);
const relaxed = await compileBoth(["--enable", "relaxed-simd"]);
const kernels = exportsOf(modules.alone.declarations);
const madeBy = "// Made by scripts/kernels.mjs from assembly/; edit those.";
const text = [
  madeBy,
  "",
  ...moduleLines("kernelModules", modules),
  "export interface Kernels {",
  ...kernels.map(({ name, parameters }) => {
    const fields = parameters.map((parameter) => `readonly ${parameter}: number`).join("; ");
    return `  ${name}(${parameters.length > 0 ? `values: { ${fields} }` : ""}): void;`;
  }),
  "}",
  "",
  "/** Calls of an instance's exports by the names of their parameters; addresses and counts are numbers. */",
  "export function kernelsOf(instance: WebAssembly.Instance): Kernels {",
  "  const exported = instance.exports as Readonly<Record<string, (...values: number[]) => void>>;",
  "  return {",
  ...kernels.map(({ name, parameters }) => {
    const values = parameters.map((parameter) => `v.${parameter}`).join(", ");
    return `    ${name}: (${parameters.length > 0 ? "v" : ""}) => exported["${name}"]!(${values}),`;
  }),
  "  };",
  "}",
  "",
].join("\n");

const relaxedText = [madeBy, "", ...moduleLines("relaxedKernelModules", relaxed)].join("\n");

for (const [path, content] of [
  [target, text],
  [relaxedTarget, relaxedText],
]) {
  if (!process.argv.includes("--check")) writeFileSync(root + path, content);
  else if (readFileSync(root + path, "utf8") !== content) {
    console.error(`${path} is stale: run \`node scripts/kernels.mjs\``);
    process.exitCode = 1;
  }
}
