/** Scratch memory that ops share by name: as much as the op that needs most. */
import type { LinearMemory } from "./linearMemory.ts";

export interface SharedBuffer {
  /** Known when all ops have reserved what they need. */
  readonly address: number;
}

export class Buffers {
  readonly #buffers = new Map<string, { address: number; bytes: number }>();

  /** Announces that an op needs a buffer of at least this size. */
  reserve(what: string, bytes: number): SharedBuffer {
    const buffer = this.#buffers.get(what) ?? { address: 0, bytes: 0 };
    buffer.bytes = Math.max(buffer.bytes, bytes);
    this.#buffers.set(what, buffer);
    return buffer;
  }

  place(memory: LinearMemory): void {
    for (const [what, buffer] of this.#buffers) buffer.address = memory.place(what, buffer.bytes);
  }
}
