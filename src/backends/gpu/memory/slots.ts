/** Sequences on the device. The host keeps a copy of their tokens and flags, so that a change is one write of a range. */
import { DiffusionError } from "../../../core/error.ts";
import type { SlotChange, SlotId, SlotRange } from "../../../core/tensor/index.ts";
import { constants } from "../../layout/index.ts";
import type { DeviceBuffer } from "../buffer.ts";
import type { ComputeDevice } from "../device.ts";
import type { StateBuffers } from "../ops/context.ts";

const { soft, undecided: undecidedFlag } = constants.positionFlag;

interface DeviceSlot {
  readonly base: number;
  readonly tokens: Uint32Array;
  /** `positionFlag`s. */
  readonly flags: Uint32Array;
}

export class DeviceSlots {
  readonly #device: Pick<ComputeDevice, "write">;
  readonly #buffers: StateBuffers;
  readonly #slots = new Map<SlotId, DeviceSlot>();

  constructor(device: Pick<ComputeDevice, "write">, buffers: StateBuffers) {
    this.#device = device;
    this.#buffers = buffers;
  }

  open({ slot, base, length }: SlotRange): void {
    const zeros = new Uint32Array(length);
    this.#slots.set(slot, { base, tokens: new Uint32Array(length), flags: new Uint32Array(length) });
    for (const buffer of [this.#buffers.tokens, this.#buffers.flags, this.#buffers.keptStep]) {
      this.#device.write(buffer, 4 * base, zeros);
    }
  }

  close(slot: SlotId): void {
    this.#slots.delete(slot);
  }

  base(slot: SlotId): number {
    return this.#slot(slot).base;
  }

  /** Writes tokens. Soft embeddings at their positions end, and the positions are decided unless they are in `undecided`. */
  write({ slot, positions, tokens, undecided = [] }: SlotChange): void {
    if (positions.length === 0) return;
    const own = this.#slot(slot);
    const isUndecided = new Set(undecided);
    let first = Infinity;
    let last = -1;
    let flagged = false;
    positions.forEach((position, index) => {
      own.tokens[position] = tokens[index]!;
      const before = own.flags[position]!;
      const flags = isUndecided.has(position) ? undecidedFlag : 0;
      flagged ||= flags !== before;
      own.flags[position] = flags;
      first = Math.min(first, position);
      last = Math.max(last, position);
    });
    const put = (buffer: DeviceBuffer, values: Uint32Array) =>
      this.#device.write(buffer, 4 * (own.base + first), values.subarray(first, last + 1));
    put(this.#buffers.tokens, own.tokens);
    if (flagged) put(this.#buffers.flags, own.flags);
  }

  /** Notes that the device has written soft embeddings at these positions. */
  markSoft(slot: SlotId, positions: readonly number[]): void {
    const { flags } = this.#slot(slot);
    for (const position of positions) flags[position]! |= soft;
  }

  #slot(slot: SlotId): DeviceSlot {
    const known = this.#slots.get(slot);
    if (known) return known;
    throw new DiffusionError("disposed", `Cannot use slot ${slot} as it is not open`);
  }
}
