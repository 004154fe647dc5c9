// The structures that host and device exchange, src/backends/layout/structures.ts, in WGSL (shaders/include/layout.wgsl) and in C++
// (native/src/generated/layout.h).
import { readFileSync } from "node:fs";
import ts from "typescript";

const tablePath = "src/backends/layout/structures.ts";

/** The table's structures and constants; Node 20 does not import TypeScript, so its types are erased first. */
async function readTable() {
  const source = readFileSync(new URL(`../${tablePath}`, import.meta.url), "utf8");
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
  const { outputText } = ts.transpileModule(source, { compilerOptions });
  return import(`data:text/javascript,${encodeURIComponent(outputText)}`);
}

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const upper = (name) => snake(name).toUpperCase();
const pascal = (name) => name[0].toUpperCase() + name.slice(1);
const hex = (value) => (value > 0xffff ? `0x${value.toString(16)}u` : `${value}u`);

/** (name, type, offset, count) of each field, and the words of all. */
function placed({ fields }) {
  let words = 0;
  const list = Object.entries(fields).map(([name, field]) => {
    const { type, count } = typeof field === "string" ? { type: field, count: 1 } : field;
    const offset = words;
    words += count;
    return { name, type, offset, count };
  });
  return { fields: list, words };
}

const cast = (type, word) => (type === "u32" ? word : `bitcast<${type}>(${word})`);

/** A structure of a buffer's own elements. */
function elements(name, { fields }) {
  return [
    `struct ${pascal(name)} {`,
    ...fields.map((field) => `  ${snake(field.name)}: ${field.type},`),
    "}",
  ];
}

/** Offsets into a buffer of words. */
function words(name, { fields }) {
  return fields.map((field) => `const ${upper(name)}_${upper(field.name)} = ${field.offset}u;`);
}

/** The fields of the head of a step's descriptor. */
function head(name, { fields }) {
  return fields.map(
    (field) =>
      `fn ${name}_${snake(field.name)}() -> ${field.type} { return ${cast(field.type, `step_word(${field.offset}u)`)}; }`,
  );
}

/** The fields of an element of a list in a step's descriptor; without arrays, the element too. */
function listed(name, { fields }, place) {
  const start = `step_${snake(place)}() + index * ${upper(name)}_WORDS`;
  const accessors = fields.map(({ name: field, type, offset, count }) => {
    const [parameters, at] =
      count === 1 ? ["index: u32", `${offset}u`] : ["index: u32, element: u32", `${offset}u + element`];
    return `fn ${name}_${snake(field)}(${parameters}) -> ${type} { return ${cast(type, `step_word(${start} + ${at})`)}; }`;
  });
  if (fields.some(({ count }) => count > 1)) return accessors;
  const loads = fields.map(({ type, offset }) => `    ${cast(type, `step_word(at + ${offset}u)`)},`);
  return [
    ...elements(name, { fields }),
    ...accessors,
    `fn ${name}_at(index: u32) -> ${pascal(name)} {`,
    `  let at = ${start};`,
    `  return ${pascal(name)}(`,
    ...loads,
    "  );",
    "}",
  ];
}

function structureText(name, structure) {
  const own = placed(structure);
  const { place } = structure;
  const body =
    place === "elements"
      ? elements(name, own)
      : place === "words"
        ? words(name, own)
        : [...words(name, own), ...(place === "step" ? head(name, own) : listed(name, own, place))];
  return [`const ${upper(name)}_WORDS = ${own.words}u;`, ...body, ""];
}

function constantText(name, value) {
  if (typeof value === "number") return [`const ${upper(name)} = ${hex(value)};`];
  return Object.entries(value).map(([key, each]) => `const ${upper(name)}_${upper(key)} = ${hex(each)};`);
}

export async function layoutText() {
  const { structures, constants } = await readTable();
  return [
    `// Made by scripts/shaders.mjs from ${tablePath}, which says what the fields mean; edit that.`,
    "",
    ...Object.entries(constants).flatMap(([name, value]) => constantText(name, value)),
    "",
    ...Object.entries(structures).flatMap(([name, structure]) => structureText(name, structure)),
  ].join("\n");
}

const cTypes = { u32: "uint32_t", i32: "int32_t", f32: "float" };

function cStructure(name, structure) {
  const { fields, words } = placed(structure);
  const members = fields.map(({ name: field, type, count }) => {
    return `  ${cTypes[type]} ${snake(field)}${count === 1 ? "" : `[${count}]`};`;
  });
  const type = pascal(name);
  return [`struct ${type} {`, ...members, "};", `static_assert(sizeof(${type}) == ${4 * words});`, ""];
}

function cConstant(name, value) {
  if (typeof value === "number") return [`constexpr uint32_t ${snake(name)} = ${hex(value)};`];
  return Object.entries(value).map(
    ([key, each]) => `constexpr uint32_t ${snake(name)}_${snake(key)} = ${hex(each)};`,
  );
}

/** The same for C++: every structure as one of 32-bit members. */
export async function nativeLayoutText() {
  const { structures, constants } = await readTable();
  return [
    `// Made by scripts/shaders.mjs from ${tablePath}, which says what the fields mean; edit that.`,
    "#pragma once",
    "#include <cstdint>",
    "",
    "namespace unmask {",
    "",
    ...Object.entries(constants).flatMap(([name, value]) => cConstant(name, value)),
    "",
    ...Object.entries(structures).flatMap(([name, structure]) => cStructure(name, structure)),
    "}  // namespace unmask",
    "",
  ].join("\n");
}
