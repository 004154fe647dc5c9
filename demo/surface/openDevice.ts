/** A device for drawing: the page's own, beside that of the engine in its worker. */

/** @throws Error that says in words why there is none */
export async function openDevice(): Promise<GPUDevice> {
  // Undefined in browsers without WebGPU, and on pages of an insecure origin.
  const gpu: GPU | undefined = navigator.gpu;
  if (!gpu) throw new Error("this browser has no WebGPU, or has it switched off");
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error("WebGPU found no graphics adapter");
  const device = await adapter.requestDevice({ label: "surface" });
  device.addEventListener("uncapturederror", ({ error }) => console.error(`Surface: ${error.message}`));
  return device;
}
