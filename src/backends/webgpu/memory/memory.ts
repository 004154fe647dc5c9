/** Everything on the device but weights: one arena for scratch, boundary tensors, the K/V pool. Made once. */
import { bug, DiffusionError } from "../../../core/error.ts";
import {
  type ArenaPlan,
  type DType,
  dtypeBytes,
  elementsOf,
  type Plan,
  planArena,
  type TensorId,
} from "../../../core/tensor/index.ts";
import type { Binding } from "../kernel.ts";
import { createBuffer } from "./weights.ts";

// Storage and uniform, copied to and from.
const usage = 0x80 | 0x40 | 0x08 | 0x04;

export class DeviceMemory {
  readonly #device: GPUDevice;
  readonly #bindingBytes: number;
  readonly #named = new Map<string, { readonly buffer: GPUBuffer; readonly dtype: DType }>();
  readonly #own: GPUBuffer[] = [];
  #arena: GPUBuffer | undefined;

  constructor(device: GPUDevice, bindingBytes: number) {
    this.#device = device;
    this.#bindingBytes = bindingBytes;
  }

  /** Allocates what the Plans need; answers, for each, where a tensor lies. Tensors of one kernel never overlap. */
  async prepare(plans: readonly Plan[]): Promise<readonly ((id: TensorId) => Binding)[]> {
    const arenas = plans.map(planArena);
    const bytes = Math.max(16, ...arenas.map((arena) => arena.bytes));
    this.#arena = await this.buffer("arena", bytes, bytes);
    for (const plan of plans) {
      for (const tensor of plan.tensors) {
        if (tensor.storage !== "cache" && tensor.storage !== "boundary") continue;
        if (this.#named.has(tensor.name)) continue;
        const size = dtypeBytes(tensor.dtype, elementsOf(tensor, plan.capacity));
        const buffer = await this.buffer(tensor.name, size);
        this.#named.set(tensor.name, { buffer, dtype: tensor.dtype });
      }
    }
    return plans.map((plan, index) => (id: TensorId) => this.#binding(plan, arenas[index]!, id));
  }

  /** A buffer of the backend's own. @throws DiffusionError `out-of-memory` */
  async buffer(name: string, bytes: number, bindingBytes = bytes): Promise<GPUBuffer> {
    if (bindingBytes > this.#bindingBytes && name !== "arena") {
      const message = `Cannot hold '${name}' as the device binds at most ${this.#bindingBytes} bytes: found ${bytes}; a smaller context or cache would do`;
      throw new DiffusionError("out-of-memory", message);
    }
    const buffer = await createBuffer(this.#device, { label: name, size: Math.max(16, bytes), usage });
    this.#own.push(buffer);
    return buffer;
  }

  /** A cache or boundary tensor, and what it holds. */
  named(name: string): { readonly buffer: GPUBuffer; readonly dtype: DType } {
    const tensor = this.#named.get(name);
    if (!tensor) throw bug(`There is no cache or boundary tensor '${name}' to be read`);
    return tensor;
  }

  dispose(): void {
    for (const buffer of this.#own) buffer.destroy();
    this.#named.clear();
  }

  #binding(plan: Plan, arena: ArenaPlan, id: TensorId): Binding {
    const tensor = plan.tensors[id];
    if (!tensor) throw bug(`Plan '${plan.name}' has no tensor ${id}`);
    if (tensor.storage === "arena") {
      const { offsetBytes, bytes } = arena.placements.get(id)!;
      return { buffer: this.#arena!, offset: offsetBytes, bytes, access: "write" };
    }
    return whole(this.named(tensor.name).buffer, "write");
  }
}

/** All of a buffer. */
export function whole(buffer: GPUBuffer, access: Binding["access"]): Binding {
  return { buffer, offset: 0, bytes: buffer.size, access };
}
