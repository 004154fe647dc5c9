/** Pipelines and bind groups of kernels, which are created once for each Plan. */
import { bug } from "../../core/error.ts";
import type { KernelForm, KernelSpec, StepAccess } from "../gpu/kernel.ts";
import { type ShaderName, shaderText } from "./shaderText.ts";

export interface Dispatch {
  readonly spec: KernelSpec;
  /** One for each form; empty until a lazy kernel is needed. */
  pipelines: readonly GPUComputePipeline[];
  readonly group: GPUBindGroup;
}

/** The kernels of a list, and the buffer with their uniforms. */
export interface Bound {
  readonly dispatches: readonly Dispatch[];
  readonly uniforms: GPUBuffer;
}

const uniformAlignment = 256;

/** Pipelines belong to a device: engines on one device share them. */
const kernelsOfDevices = new WeakMap<GPUDevice, Kernels>();

/** Compiles each pipeline once, and binds kernels. */
export class Kernels {
  readonly #device: GPUDevice;
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #pipelineLayouts = new Map<string, GPUPipelineLayout>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  /** Bind group 0: the descriptor of the step, and the control buffer. */
  readonly stepLayouts: Readonly<Record<StepAccess, GPUBindGroupLayout>>;

  static of(device: GPUDevice): Kernels {
    const known = kernelsOfDevices.get(device);
    if (known) return known;
    const made = new Kernels(device);
    kernelsOfDevices.set(device, made);
    return made;
  }

  private constructor(device: GPUDevice) {
    this.#device = device;
    const descriptor = (type: GPUBufferBindingType): GPUBindGroupLayoutEntry => {
      return { binding: 0, visibility: 4, buffer: { type, hasDynamicOffset: true } };
    };
    const control: GPUBindGroupLayoutEntry = { binding: 1, visibility: 4, buffer: { type: "storage" } };
    const layout = (...entries: GPUBindGroupLayoutEntry[]) => device.createBindGroupLayout({ entries });
    this.stepLayouts = {
      reads: layout(descriptor("uniform")),
      decides: layout(descriptor("uniform"), control),
      plans: layout(descriptor("storage"), control),
    };
  }

  /** Creates pipelines and bind groups of the kernels, and one buffer for all their uniforms. */
  async bind(specs: readonly KernelSpec[]): Promise<Bound> {
    const uniforms = this.#device.createBuffer({
      label: "uniforms",
      size: Math.max(1, specs.length) * uniformAlignment,
      usage: 0x40 | 0x08,
    });
    const words = new Uint32Array(uniforms.size / 4);
    specs.forEach((spec, index) => {
      if (spec.params.byteLength > uniformAlignment)
        throw bug(`Kernel '${spec.name}' has too many parameters`);
      words.set(spec.params, (index * uniformAlignment) / 4);
    });
    this.#device.queue.writeBuffer(uniforms, 0, words);
    try {
      return { dispatches: await this.#dispatches(specs, uniforms), uniforms };
    } catch (error) {
      uniforms.destroy();
      throw error;
    }
  }

  #dispatches(specs: readonly KernelSpec[], uniforms: GPUBuffer): Promise<readonly Dispatch[]> {
    return Promise.all(
      specs.map(async (spec, index): Promise<Dispatch> => {
        const pipelines = spec.lazy ? [] : await this.compile(spec);
        const uniform = {
          buffer: uniforms,
          offset: index * uniformAlignment,
          size: Math.max(16, spec.params.byteLength),
        };
        return { spec, pipelines, group: this.#group(spec, uniform) };
      }),
    );
  }

  /**
   * Begins to compile the pipelines of these kernels.
   * @param onCompiled called at once and after each pipeline; a pipeline that fails is reported by `bind`
   */
  compileAll(specs: readonly KernelSpec[], onCompiled: (compiled: number, all: number) => void): void {
    const wanted = new Map<string, () => Promise<GPUComputePipeline>>();
    for (const spec of specs.filter(({ lazy }) => !lazy)) {
      for (const form of spec.forms) wanted.set(keyOf(spec, form), () => this.#pipeline(spec, form));
    }
    let compiled = 0;
    onCompiled(compiled, wanted.size);
    const onReady = () => onCompiled(++compiled, wanted.size);
    for (const compile of wanted.values()) compile().then(onReady, () => {});
  }

  /** The pipelines of a kernel, one for each form. */
  compile(spec: KernelSpec): Promise<readonly GPUComputePipeline[]> {
    return Promise.all(spec.forms.map((form) => this.#pipeline(spec, form)));
  }

  #group(spec: KernelSpec, uniform: GPUBufferBinding): GPUBindGroup {
    checkOverlaps(spec);
    const entries = spec.bindings.map(({ buffer, offset, bytes }, index) => ({
      binding: index + 1,
      resource: { buffer: buffer as GPUBuffer, offset, size: bytes },
    }));
    return this.#device.createBindGroup({
      label: spec.name,
      layout: this.#layout(accessesOf(spec)),
      entries: [{ binding: 0, resource: uniform }, ...entries],
    });
  }

  #layout(accesses: string): GPUBindGroupLayout {
    const known = this.#layouts.get(accesses);
    if (known) return known;
    const storage = [...accesses].map((access, index): GPUBindGroupLayoutEntry => {
      const type = access === "r" ? "read-only-storage" : "storage";
      return { binding: index + 1, visibility: 4, buffer: { type } };
    });
    const layout = this.#device.createBindGroupLayout({
      entries: [{ binding: 0, visibility: 4, buffer: { type: "uniform" } }, ...storage],
    });
    this.#layouts.set(accesses, layout);
    return layout;
  }

  #pipelineLayout(step: StepAccess, accesses: string): GPUPipelineLayout {
    const key = `${step} ${accesses}`;
    const known = this.#pipelineLayouts.get(key);
    if (known) return known;
    const bindGroupLayouts = [this.stepLayouts[step], this.#layout(accesses)];
    const layout = this.#device.createPipelineLayout({ bindGroupLayouts });
    this.#pipelineLayouts.set(key, layout);
    return layout;
  }

  /** The promise is kept, so that a pipeline is compiled once even if two kernels need it at the same time. */
  #pipeline(spec: KernelSpec, form: KernelForm): Promise<GPUComputePipeline> {
    const { kernel, variant, constants = {} } = form;
    const accesses = accessesOf(spec);
    const key = keyOf(spec, form);
    const known = this.#pipelines.get(key);
    if (known) return known;
    const code = shaderText(kernel as ShaderName, variant);
    const made = this.#device.createComputePipelineAsync({
      label: kernel,
      layout: this.#pipelineLayout(spec.step ?? "reads", accesses),
      compute: {
        module: this.#device.createShaderModule({ label: kernel, code }),
        entryPoint: "main",
        constants,
      },
    });
    this.#pipelines.set(key, made);
    return made;
  }
}

/** Kernels with the same code, overrides and bind group layout share a pipeline. */
function keyOf(spec: KernelSpec, { kernel, variant, constants = {} }: KernelForm): string {
  return JSON.stringify([kernel, variant, constants, accessesOf(spec), spec.step ?? "reads"]);
}

function accessesOf({ bindings }: KernelSpec): string {
  return bindings.map(({ access }) => (access === "read" ? "r" : "w")).join("");
}

/**
 * WebGPU forbids a dispatch to bind overlapping ranges if one is writable, and not every implementation reports it. The
 * memory planner must not produce such ranges.
 */
function checkOverlaps({ name, bindings }: KernelSpec): void {
  bindings.forEach((a, index) => {
    for (const b of bindings.slice(index + 1)) {
      if (a.buffer !== b.buffer || (a.access === "read" && b.access === "read")) continue;
      const apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
      if (!apart || a.access !== b.access) throw bug(`Kernel '${name}' binds overlapping parts of a buffer`);
    }
  });
}
