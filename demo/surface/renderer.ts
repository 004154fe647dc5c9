/** Draws a surface with WebGPU: pipelines, buffers, and one pass for each picture. */
import { vertexCounts } from "./geometry.ts";
import source from "./surface.wgsl?raw";
import type { Surface } from "./surfaceOf.ts";
import { type ViewOptions, viewBytes, viewData } from "./viewData.ts";

const sampleCount = 4;
const depthFormat: GPUTextureFormat = "depth24plus";

export class SurfaceRenderer {
  readonly #device: GPUDevice;
  readonly #context: GPUCanvasContext;
  readonly #pipelines: Readonly<Record<"surface" | "pane" | "ground", GPURenderPipeline>>;
  readonly #view: GPUBuffer;
  #heights: GPUBuffer;
  #colors: GPUBuffer;
  #bindings: GPUBindGroup | undefined;
  #targets: readonly [color: GPUTexture, depth: GPUTexture] | undefined;

  /** @throws Error if the canvas has no WebGPU context */
  constructor(device: GPUDevice, canvas: HTMLCanvasElement) {
    const context = canvas.getContext("webgpu");
    if (!context) throw new Error("Cannot draw as the canvas gives no WebGPU context");
    this.#device = device;
    this.#context = context;
    const format = navigator.gpu.getPreferredCanvasFormat();
    context.configure({ device, format, alphaMode: "premultiplied" });
    const module = device.createShaderModule({ label: "surface", code: source });
    const layout = device.createBindGroupLayout({
      entries: [
        { binding: 0, visibility: GPUShaderStage.VERTEX | GPUShaderStage.FRAGMENT, buffer: {} },
        { binding: 1, visibility: GPUShaderStage.VERTEX, buffer: { type: "read-only-storage" } },
        { binding: 2, visibility: GPUShaderStage.VERTEX, buffer: { type: "read-only-storage" } },
      ],
    });
    const pipeline = (name: string, isOpaque: boolean) =>
      device.createRenderPipeline({
        label: name,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        vertex: { module, entryPoint: `${name}Vertex` },
        fragment: {
          module,
          entryPoint: `${name}Fragment`,
          targets: [isOpaque ? { format } : { format, blend: over }],
        },
        primitive: { topology: "triangle-list" },
        depthStencil: { format: depthFormat, depthWriteEnabled: isOpaque, depthCompare: "less-equal" },
        multisample: { count: sampleCount },
      });
    this.#pipelines = {
      surface: pipeline("surface", true),
      pane: pipeline("pane", false),
      ground: pipeline("ground", false),
    };
    this.#view = device.createBuffer({
      label: "view",
      size: viewBytes,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#heights = this.#storage(4);
    this.#colors = this.#storage(4);
  }

  /** Takes the numbers of a surface. @param colors [rows × columns], as `colorsOf` returns them */
  load(surface: Surface, colors: Uint32Array<ArrayBuffer>): void {
    const { heights } = surface;
    if (this.#heights.size < heights.byteLength) {
      this.#heights.destroy();
      this.#colors.destroy();
      // Twice as large as necessary: a run grows frame by frame.
      this.#heights = this.#storage(2 * heights.byteLength);
      this.#colors = this.#storage(2 * heights.byteLength);
      this.#bindings = undefined;
    }
    this.#device.queue.writeBuffer(this.#heights, 0, heights);
    this.#device.queue.writeBuffer(this.#colors, 0, colors);
  }

  /** Draws what was loaded last. @param surface of the same size */
  draw(surface: Surface, options: ViewOptions): void {
    const device = this.#device;
    const texture = this.#context.getCurrentTexture();
    const [color, depth] = this.#targetsOf(texture);
    device.queue.writeBuffer(this.#view, 0, viewData(surface, options));
    const { across, along } = vertexCounts(surface);
    const encoder = device.createCommandEncoder({ label: "surface" });
    const pass = encoder.beginRenderPass({
      colorAttachments: [
        {
          view: color.createView(),
          resolveTarget: texture.createView(),
          clearValue: [0, 0, 0, 0],
          loadOp: "clear",
          storeOp: "discard",
        },
      ],
      depthStencilAttachment: {
        view: depth.createView(),
        depthClearValue: 1,
        depthLoadOp: "clear",
        depthStoreOp: "discard",
      },
    });
    if (surface.heights.length > 0) {
      pass.setBindGroup(0, this.#bound());
      pass.setPipeline(this.#pipelines.ground);
      pass.draw(6);
      pass.setPipeline(this.#pipelines.surface);
      pass.draw(6 * (across - 1), along - 1);
      pass.setPipeline(this.#pipelines.pane);
      pass.draw(6);
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  /** Frees what the renderer made; the device stays. */
  dispose(): void {
    this.#context.unconfigure();
    for (const each of [this.#view, this.#heights, this.#colors, ...(this.#targets ?? [])]) each.destroy();
  }

  #storage(size: number): GPUBuffer {
    return this.#device.createBuffer({
      label: "surface",
      size,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    });
  }

  #bound(): GPUBindGroup {
    this.#bindings ??= this.#device.createBindGroup({
      layout: this.#pipelines.surface.getBindGroupLayout(0),
      entries: [this.#view, this.#heights, this.#colors].map((buffer, binding) => {
        return { binding, resource: { buffer } };
      }),
    });
    return this.#bindings;
  }

  /** Multisampled colour and depth, as large as the canvas. */
  #targetsOf({ width, height, format }: GPUTexture): readonly [GPUTexture, GPUTexture] {
    const known = this.#targets;
    if (known?.[0].width === width && known[0].height === height) return known;
    for (const each of known ?? []) each.destroy();
    const texture = (textureFormat: GPUTextureFormat) =>
      this.#device.createTexture({
        size: [width, height],
        sampleCount,
        format: textureFormat,
        usage: GPUTextureUsage.RENDER_ATTACHMENT,
      });
    this.#targets = [texture(format), texture(depthFormat)];
    return this.#targets;
  }
}

/** Colours are premultiplied. */
const component: GPUBlendComponent = { srcFactor: "one", dstFactor: "one-minus-src-alpha", operation: "add" };
const over: GPUBlendState = { color: component, alpha: component };
