// Opens Chromium, by default with a WebGPU that runs on the processor.
import { chromium } from "playwright";
import { chromium as executablePath } from "../../scripts/systemPackages.mjs";

const switches = [
  // As root, in containers, there is no sandbox.
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Without these two there is no adapter. */
const webgpuSwitches = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Without these a device is lost when a canvas shows what it drew. */
const presentSwitches = ["--enable-features=Vulkan", "--use-vulkan=swiftshader", "--use-angle=swiftshader"];

/** @param options.presents whether canvases show what WebGPU draws */
export function openBrowser({ hasWebgpu = true, presents = false } = {}) {
  // Playwright's own headless mode starts another program, which has no WebGPU.
  const args = [
    "--headless=new",
    ...switches,
    ...(hasWebgpu ? webgpuSwitches : []),
    ...(presents ? presentSwitches : []),
  ];
  return chromium.launch({ executablePath, headless: false, args });
}
