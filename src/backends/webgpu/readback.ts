/** Copies from the device to the host, through staging buffers that are kept: one for each copy under way. */
import { DiffusionError } from "../../core/error.ts";
import type { BufferRange } from "../gpu/buffer.ts";
import type { Reading } from "../gpu/device.ts";
import { createBuffer } from "./buffer.ts";

const mapReadAndCopyTarget = 0x01 | 0x08;
const copySourceAlignment = 4;

/** A copy under way: recorded once, then mapped once. */
export interface StagedCopy extends Reading {
  /** Records the copies of the ranges. */
  record(encoder: GPUCommandEncoder, ranges: readonly BufferRange[]): void;
}

export class Readback {
  readonly #device: GPUDevice;
  readonly #lost: () => Error | undefined;
  /** All staging buffers, and those that no copy uses. */
  readonly #staging = new Set<GPUBuffer>();
  readonly #free: GPUBuffer[] = [];
  /** The most bytes that a copy had or is expected to have: the size of new staging buffers. */
  #most = 16;

  /** @param lost returns the reason once the device is lost */
  constructor(device: GPUDevice, lost: () => Error | undefined) {
    this.#device = device;
    this.#lost = lost;
  }

  /** Announces copies of this many bytes. */
  expect(bytes: number): void {
    this.#most = Math.max(this.#most, bytes);
  }

  /** Makes room for a copy of this many bytes. @throws DiffusionError `out-of-memory` */
  async reserve(bytes: number): Promise<StagedCopy> {
    this.expect(bytes);
    let staging = this.#free.pop();
    if (staging && staging.size < this.#most) {
      this.#staging.delete(staging);
      staging.destroy();
      staging = undefined;
    }
    staging ??= await createBuffer(this.#device, {
      label: "staging",
      size: this.#most,
      usage: mapReadAndCopyTarget,
    });
    this.#staging.add(staging);
    return this.#copyThrough(staging);
  }

  #copyThrough(staging: GPUBuffer): StagedCopy {
    let bytes = 0;
    return {
      record: (encoder, ranges) => {
        for (const range of ranges) {
          if (range.bytes === 0) continue;
          encoder.copyBufferToBuffer(range.buffer as GPUBuffer, range.offset, staging, bytes, range.bytes);
          bytes += Math.ceil(range.bytes / copySourceAlignment) * copySourceAlignment;
        }
      },
      words: async () => {
        const words = bytes === 0 ? new Uint32Array() : await this.#map(staging, bytes);
        this.#free.push(staging);
        return words;
      },
    };
  }

  async #map(staging: GPUBuffer, bytes: number): Promise<Uint32Array> {
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
    for (const staging of this.#staging) staging.destroy();
    this.#staging.clear();
  }
}
