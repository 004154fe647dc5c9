/** The memory of the kernels: places that are given out one behind the other, and views of them. */
import { allocate } from "../../core/allocate.ts";

const pageBytes = 65536;
/** What 32 bits address, without a page at the end, so that the end of a place is an address too. */
const maxPages = 65535;
export const maxMemoryBytes = maxPages * pageBytes;
/** Cache lines, so that threads do not write to the same one. */
const alignment = 64;

/** Bytes of a place from one to the next. */
export function placeBytes(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  /** The first page belongs to the kernels. */
  #end = pageBytes;
  /** What lies below may have been written. */
  #used = pageBytes;

  /** @param shared whether several threads have it */
  constructor(shared: boolean) {
    this.memory = new WebAssembly.Memory(
      shared ? { initial: 1, maximum: maxPages, shared } : { initial: 1, maximum: maxPages },
    );
  }

  /** The address behind all places. */
  get end(): number {
    return this.#end;
  }

  /**
   * A place for `bytes` bytes.
   * @param what its content, for the error
   * @throws DiffusionError `out-of-memory`
   */
  place(what: string, bytes: number): number {
    const address = this.#end;
    this.reserve(what, bytes);
    this.#end = address + placeBytes(bytes);
    this.#used = Math.max(this.#used, this.#end);
    return address;
  }

  /**
   * Grows the memory, so that it has room for places of this many bytes in all.
   * @throws DiffusionError `out-of-memory`
   */
  reserve(what: string, bytes: number): void {
    const end = this.#end + placeBytes(bytes);
    const missing = Math.ceil(end / pageBytes) - this.memory.buffer.byteLength / pageBytes;
    if (missing > 0) allocate(what, bytes, () => this.grow(missing));
  }

  /** A place that holds zeros. */
  placeZeros(what: string, bytes: number): number {
    const used = this.#used;
    const address = this.place(what, bytes);
    if (used > address) this.bytes(address, Math.min(bytes, used - address)).fill(0);
    return address;
  }

  /** Gives up all places from an address on. */
  release(address: number): void {
    this.#end = address;
  }

  /** Views are of the memory as it is now: growing it ends those of memory that is not shared. */
  bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer, address, length);
  }
  f32(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, address, length);
  }
  u32(address: number, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.memory.buffer, address, length);
  }
  i32(address: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.memory.buffer, address, length);
  }

  protected grow(pages: number): void {
    this.memory.grow(pages);
  }
}

/** Counts the bytes of places, and has none of them. */
export class MeasuredMemory extends LinearMemory {
  constructor() {
    super(false);
  }

  protected override grow(): void {}
}
