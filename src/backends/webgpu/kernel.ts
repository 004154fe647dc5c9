/** A kernel as an op asks for it, and as it is dispatched: pipelines and bind groups are made once a Plan. */
import { bug } from "../../core/error.ts";
import type { PassCounts } from "./layout/descriptor.ts";
import { type ShaderName, type ShaderVariant, shaderText } from "./shaderText.ts";

export type Access = "read" | "write";
/** A part of a buffer, and how the shader declares it. Parts of one buffer in one kernel are all of one access. */
export interface Binding {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
  readonly access: Access;
}

export type WorkgroupCount = readonly [x: number, y?: number];

/** One form of a kernel: its shader, includes and overrides. */
export interface KernelForm {
  readonly shader: ShaderName;
  readonly variant?: ShaderVariant;
  readonly constants?: Readonly<Record<string, number>>;
}

export interface KernelSpec {
  /** The node and what of it this is, for profiles and errors. */
  readonly name: string;
  /** Forms that differ in speed only. */
  readonly forms: readonly KernelForm[];
  /** Which form a pass gets; the first if absent. */
  selectForm?(counts: PassCounts): number;
  /** Words of the uniform `p`, in order. */
  readonly params: Uint32Array;
  readonly bindings: readonly Binding[];
  /** Workgroups of a pass; none if a dimension is 0. */
  workgroups(counts: PassCounts): WorkgroupCount;
  /** Whether the kernel writes the batch's state. */
  readonly writesControl?: boolean;
  /** Whether it is compiled when a pass first needs it, and not ahead: for what only some requests ask for. */
  readonly lazy?: boolean;
}

export interface Dispatch {
  readonly spec: KernelSpec;
  /** One a form; empty until a rare kernel is needed. */
  pipelines: readonly GPUComputePipeline[];
  readonly group: GPUBindGroup;
}

/** Uniform words: integers as they are, numbers in `float(...)`. */
export function params(...words: readonly (number | { readonly f32: number })[]): Uint32Array {
  const all = new Uint32Array(Math.ceil(words.length / 4) * 4);
  const floats = new Float32Array(all.buffer);
  words.forEach((word, index) => {
    if (typeof word === "number") all[index] = word;
    else floats[index] = word.f32;
  });
  return all;
}
export const float = (f32: number) => ({ f32 });

const uniformAlignment = 256;

/** Pipelines belong to a device: engines that share one share them. */
const kernelsOfDevices = new WeakMap<GPUDevice, Kernels>();

/** Compiles pipelines, each once, and binds kernels. */
export class Kernels {
  readonly #device: GPUDevice;
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #pipelineLayouts = new Map<string, GPUPipelineLayout>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  /** Group 0, for kernels that read the batch's state and for those that write it. */
  readonly stepLayouts: { readonly reads: GPUBindGroupLayout; readonly decides: GPUBindGroupLayout };

  static of(device: GPUDevice): Kernels {
    const known = kernelsOfDevices.get(device);
    if (known) return known;
    const made = new Kernels(device);
    kernelsOfDevices.set(device, made);
    return made;
  }

  private constructor(device: GPUDevice) {
    this.#device = device;
    const stepLayout = (type: GPUBufferBindingType) =>
      device.createBindGroupLayout({
        entries: [
          { binding: 0, visibility: 4, buffer: { type: "uniform", hasDynamicOffset: true } },
          { binding: 1, visibility: 4, buffer: { type } },
        ],
      });
    this.stepLayouts = { reads: stepLayout("read-only-storage"), decides: stepLayout("storage") };
  }

  /** Makes everything that the kernels need; their uniforms share one buffer, which is returned with them. */
  async bind(
    specs: readonly KernelSpec[],
  ): Promise<{ dispatches: readonly Dispatch[]; uniforms: GPUBuffer }> {
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
   * Begins to compile what these kernels need before a pass asks for it, and tells how many pipelines are ready of how
   * many: at once, and after each. A pipeline that fails is told to those who bind its kernels.
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

  /** The pipelines of a kernel, one a form. */
  compile(spec: KernelSpec): Promise<readonly GPUComputePipeline[]> {
    return Promise.all(spec.forms.map((form) => this.#pipeline(spec, form)));
  }

  #group(spec: KernelSpec, uniform: GPUBufferBinding): GPUBindGroup {
    checkOverlaps(spec);
    const entries = spec.bindings.map(({ buffer, offset, bytes }, index) => ({
      binding: index + 1,
      resource: { buffer, offset, size: bytes },
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

  #pipelineLayout(decides: boolean, accesses: string): GPUPipelineLayout {
    const key = `${decides} ${accesses}`;
    const known = this.#pipelineLayouts.get(key);
    if (known) return known;
    const step = decides ? this.stepLayouts.decides : this.stepLayouts.reads;
    const layout = this.#device.createPipelineLayout({ bindGroupLayouts: [step, this.#layout(accesses)] });
    this.#pipelineLayouts.set(key, layout);
    return layout;
  }

  /** Two that ask for the same pipeline while it is being compiled share it. */
  #pipeline(spec: KernelSpec, form: KernelForm): Promise<GPUComputePipeline> {
    const { shader, variant, constants = {} } = form;
    const accesses = accessesOf(spec);
    const decides = spec.writesControl ?? false;
    const key = keyOf(spec, form);
    const known = this.#pipelines.get(key);
    if (known) return known;
    const code = shaderText(shader, { ...variant, control: decides ? "write" : "read" });
    const made = this.#device.createComputePipelineAsync({
      label: shader,
      layout: this.#pipelineLayout(decides, accesses),
      compute: {
        module: this.#device.createShaderModule({ label: shader, code }),
        entryPoint: "main",
        constants,
      },
    });
    this.#pipelines.set(key, made);
    return made;
  }
}

/** Kernels that are compiled from the same code in the same way share a pipeline. */
function keyOf(spec: KernelSpec, { shader, variant, constants = {} }: KernelForm): string {
  return JSON.stringify([shader, variant, constants, accessesOf(spec), spec.writesControl ?? false]);
}

function accessesOf({ bindings }: KernelSpec): string {
  return bindings.map(({ access }) => (access === "read" ? "r" : "w")).join("");
}

/**
 * WebGPU forbids that one dispatch binds overlapping ranges of which one is writable, and not every implementation says
 * so: the planner of memory must not let it happen.
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
