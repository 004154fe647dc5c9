/** Keeps the files of a conversion in memory. */
import { type ConversionOptions, convertModel, type ModelSource } from "../../src/core/index.ts";
import { memory } from "../../src/sources/memory.ts";

export class MemoryOutput {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();

  async write(file: string, position: number, bytes: Uint8Array): Promise<void> {
    const known = this.files.get(file) ?? new Uint8Array();
    const all = new Uint8Array(Math.max(known.length, position + bytes.length));
    all.set(known);
    all.set(bytes, position);
    this.files.set(file, all);
  }
}

export async function converted(source: ModelSource, options: ConversionOptions): Promise<ModelSource> {
  const output = new MemoryOutput();
  await convertModel(source, output, options);
  return memory(Object.fromEntries(output.files));
}
