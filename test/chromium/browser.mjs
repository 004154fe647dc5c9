// Opens Chromium with a WebGPU that runs on the processor.
import { chromium } from "playwright";
import { chromium as executablePath } from "../../scripts/systemPackages.mjs";

const switches = [
  // As root, in containers, there is no sandbox.
  "--no-sandbox",
  // Without these two there is no adapter.
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function openBrowser() {
  // Playwright's own headless mode starts another program, which has no WebGPU.
  return chromium.launch({ executablePath, headless: false, args: ["--headless=new", ...switches] });
}
