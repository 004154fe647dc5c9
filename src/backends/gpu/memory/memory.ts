/** Device memory except weights: one arena for scratch, the boundary tensors and the K/V pool. Allocated once. */
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
import type { DeviceBuffer } from "../buffer.ts";
import type { ComputeDevice } from "../device.ts";
import { type Binding, whole } from "../kernel.ts";

export class DeviceMemory {
  readonly #device: ComputeDevice;
  readonly #named = new Map<string, { readonly buffer: DeviceBuffer; readonly dtype: DType }>();
  readonly #own: DeviceBuffer[] = [];
  #arena: DeviceBuffer | undefined;

  constructor(device: ComputeDevice) {
    this.#device = device;
  }

  /**
   * Allocates the tensors of the Plans. Tensors of one kernel never overlap.
   * @returns by Plan: where a tensor lies
   */
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

  /** Allocates a buffer that the backend owns. @throws DiffusionError `out-of-memory` */
  async buffer(name: string, bytes: number, bindingBytes = bytes): Promise<DeviceBuffer> {
    if (bindingBytes > this.#device.capabilities.bindingBytes && name !== "arena") {
      const message = `Cannot allocate '${name}' as the device binds at most ${this.#device.capabilities.bindingBytes} bytes: found ${bytes}; use a smaller context or cache`;
      throw new DiffusionError("out-of-memory", message);
    }
    const buffer = await this.#device.createBuffer(name, Math.max(16, bytes));
    this.#own.push(buffer);
    return buffer;
  }

  /** The buffer and dtype of a cache or boundary tensor. */
  named(name: string): { readonly buffer: DeviceBuffer; readonly dtype: DType } {
    const tensor = this.#named.get(name);
    if (!tensor) throw bug(`There is no cache or boundary tensor '${name}'`);
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
