/** Word offsets of the structures that host and device exchange, and how the host packs them. */
import { bug } from "../../core/error.ts";
import { type Field, type Fields, type FieldType, structures } from "./structures.ts";

export interface Layout<F extends Fields = Fields> {
  /** By field: words from the structure's beginning. */
  readonly field: { readonly [Name in keyof F]: number };
  /** Words of the structure. */
  readonly words: number;
  readonly fields: readonly PlacedField<keyof F>[];
}

interface PlacedField<Name> {
  readonly name: Name;
  readonly at: number;
  readonly count: number;
  readonly isFloat: boolean;
}

/** A number for each word; an array, which may be shorter than the field, for a field of several words. */
export type FieldValues<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends FieldType ? number : readonly number[];
};

function layoutOf<F extends Fields>({ fields: declared }: { readonly fields: F }): Layout<F> {
  let words = 0;
  const field: Record<string, number> = {};
  const fields = Object.entries(declared).map(([name, each]: [string, Field]): PlacedField<keyof F> => {
    const { type, count } = typeof each === "string" ? { type: each, count: 1 } : each;
    const at = words;
    field[name] = at;
    words += count;
    return { name, at, count, isFloat: type === "f32" };
  });
  return { field: field as Layout<F>["field"], words, fields };
}

export const stepLayout = layoutOf(structures.step);
export const spanLayout = layoutOf(structures.span);
export const requestLayout = layoutOf(structures.request);
export const submissionLayout = layoutOf(structures.submission);
export const rowPlanLayout = layoutOf(structures.rowPlan);
export const blockPlanLayout = layoutOf(structures.blockPlan);
export const stepPlanLayout = layoutOf(structures.stepPlan);
export const passPlanLayout = layoutOf(structures.passPlan);
export const rowStateLayout = layoutOf(structures.rowState);
export const reportEntryLayout = layoutOf(structures.reportEntry);
export const wantedRowLayout = layoutOf(structures.wantedRow);
export const statisticsLayout = layoutOf(structures.statistics);
export const partialLayout = layoutOf(structures.partial);
export const divergencePartLayout = layoutOf(structures.divergencePart);
export const candidateListLayout = layoutOf(structures.candidateList);
export const candidateLayout = layoutOf(structures.candidate);
export const logprobListLayout = layoutOf(structures.logprobList);
export const logprobEntryLayout = layoutOf(structures.logprobEntry);
export const positionMemoryLayout = layoutOf(structures.positionMemory);
export const decisionLayout = layoutOf(structures.decision);
export const forbiddenTableLayout = layoutOf(structures.forbiddenTable);
export const forbiddenListLayout = layoutOf(structures.forbiddenList);
export const gatherListLayout = layoutOf(structures.gatherList);
export const gatherPairLayout = layoutOf(structures.gatherPair);
export const expertGroupsLayout = layoutOf(structures.expertGroups);
export const expertTileLayout = layoutOf(structures.expertTile);

/** Writes a structure to `words` from `at` on. Fields without a value keep what is there. */
export function writeStructure<F extends Fields>(
  words: Uint32Array,
  at: number,
  { fields }: Layout<F>,
  values: Partial<FieldValues<F>>,
): void {
  for (const { name, at: offset, count, isFloat } of fields) {
    const value: number | readonly number[] | undefined = values[name];
    if (value === undefined) continue;
    if (typeof value === "number") {
      words[at + offset] = wordOf(value, isFloat);
      continue;
    }
    if (value.length > count) throw bug(`'${String(name)}' has ${value.length} words: too many`);
    for (let index = 0; index < value.length; index++)
      words[at + offset + index] = wordOf(value[index]!, isFloat);
  }
}

/** The word of a number: of a negative integer its two's complement, of a float its bits. */
function wordOf(value: number, isFloat: boolean): number {
  return isFloat ? floatBits(value) : value >>> 0;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);
/** The bits of a number as f32. */
export function floatBits(value: number): number {
  float[0] = value;
  return bits[0]!;
}

/** The same words as floats. */
export function floatsOf(words: Uint32Array): Float32Array {
  return new Float32Array(words.buffer, words.byteOffset, words.length);
}
