/**
 * Instructions of compiled kernels, counted in the machine code itself, as the tools that print it come with the whole CUDA toolkit
 * only. Compute capability 9.0: an instruction has 16 bytes, and its lowest twelve bits are the operation.
 */

const instructionBytes = 16;
const operationOf = (word) => Number(word & 0xfffn);
const branch = 0x947;
/** HMMA: a multiplication of 16 x 16 by 16 x 8 on tensor cores. */
const multiplication = 0x23c;

/** The sections of an ELF file of 64 bits: name and bytes. */
function sectionsOf(file) {
  const table = Number(file.readBigUInt64LE(0x28));
  const [size, count, namesAt] = [0x3a, 0x3c, 0x3e].map((at) => file.readUInt16LE(at));
  const headers = Array.from({ length: count }, (_, index) => {
    const at = table + index * size;
    const [offset, bytes] = [0x18, 0x20].map((field) => Number(file.readBigUInt64LE(at + field)));
    return { name: file.readUInt32LE(at), type: file.readUInt32LE(at + 4), offset, bytes };
  });
  const textAt = (at) => file.toString("latin1", at, file.indexOf(0, at));
  const withoutBytes = 8;
  return headers
    .filter(({ type }) => type !== withoutBytes)
    .map(({ name, offset, bytes }) => ({
      name: textAt(headers[namesAt].offset + name),
      content: file.subarray(offset, offset + bytes),
    }));
}

/** The distance of a branch from the instruction behind it, in instructions. */
function distanceOf(low, high) {
  // In words of four bytes: the lowest eight bits lie apart from the others, the last of which are in the upper half.
  const upper = BigInt.asIntN(48, (low >> 34n) | ((high & 0x3ffffn) << 30n));
  return Number(upper * 256n + ((low >> 16n) & 0xffn)) / (instructionBytes / 4);
}

/** @returns the operations of a kernel in order, and its loops: first and last instruction */
function codeOf(cubin, name) {
  const section = sectionsOf(cubin).find((each) => each.name === `.text.${name}`);
  if (!section) throw new Error(`Expected code of ${name}, found none`);
  const { content } = section;
  const operations = [];
  const branches = [];
  for (let at = 0; at < content.length; at += instructionBytes) {
    const index = at / instructionBytes;
    const [low, high] = [content.readBigUInt64LE(at), content.readBigUInt64LE(at + 8)];
    operations.push(operationOf(low));
    if (operations.at(-1) === branch) branches.push({ from: index, to: index + 1 + distanceOf(low, high) });
  }
  const isInside = ({ to }) => Number.isInteger(to) && to >= 0 && to < operations.length;
  // Behind its last instruction a kernel has a branch to itself.
  const end = branches.at(-1);
  if (!branches.every(isInside) || end?.from !== end?.to)
    throw new Error(`The code of ${name} is not encoded as expected of compute capability 9.0`);
  const loops = branches.filter(({ from, to }) => to < from).map(({ from, to }) => [to, from]);
  return { operations: operations.slice(0, end.from), loops };
}

/** Of the loop with most multiplications of tensor cores, the innermost one; without any, of the longest loop. */
export function instructionsOf(cubin, name) {
  const { operations, loops } = codeOf(cubin, name);
  const counted = loops.map(([first, last]) => {
    const inside = operations.slice(first, last + 1);
    return { all: inside.length, products: inside.filter((each) => each === multiplication).length };
  });
  counted.sort((a, b) => b.products - a.products || (a.products > 0 ? a.all - b.all : b.all - a.all));
  return { all: operations.length, loop: counted[0] };
}
