/** Copies from the device to the host, through one staging buffer that is kept. */
import { DiffusionError } from "../../../core/error.ts";
import { createBuffer } from "./buffer.ts";

const mapReadAndCopyTarget = 0x01 | 0x08;
const copySourceAlignment = 4;

/** A part of a buffer that the host reads. */
export interface ReadRange {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
}

export class Readback {
  readonly #device: GPUDevice;
  readonly #lost: () => Error | undefined;
  #staging: GPUBuffer | undefined;

  /** @param lost returns the reason once the device is lost */
  constructor(device: GPUDevice, lost: () => Error | undefined) {
    this.#device = device;
    this.#lost = lost;
  }

  /** Makes room for this many bytes. */
  async reserve(bytes: number): Promise<void> {
    if (this.#staging && this.#staging.size >= bytes) return;
    this.#staging?.destroy();
    this.#staging = await createBuffer(this.#device, {
      label: "staging",
      size: Math.max(16, bytes),
      usage: mapReadAndCopyTarget,
    });
  }

  /** Records the copies and returns their bytes. `map` returns them one behind the other. */
  record(encoder: GPUCommandEncoder, ranges: readonly ReadRange[]): number {
    let at = 0;
    for (const { buffer, offset, bytes } of ranges) {
      if (bytes === 0) continue;
      encoder.copyBufferToBuffer(buffer, offset, this.#staging!, at, bytes);
      at += Math.ceil(bytes / copySourceAlignment) * copySourceAlignment;
    }
    return at;
  }

  /** Waits for the device and returns the words of the recorded copies. @throws DiffusionError `device-lost` */
  async map(bytes: number): Promise<Uint32Array> {
    const staging = this.#staging!;
    try {
      await staging.mapAsync(1, 0, bytes);
    } catch (cause) {
      const lost = this.#lost();
      const reason = lost?.message ?? (cause instanceof Error ? cause.message : String(cause));
      throw new DiffusionError("device-lost", `Cannot read from the device as it is lost: ${reason}`, {
        cause,
      });
    }
    const words = new Uint32Array(staging.getMappedRange(0, bytes).slice(0));
    staging.unmap();
    return words;
  }

  dispose(): void {
    this.#staging?.destroy();
  }
}
