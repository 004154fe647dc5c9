/**
 * The rooms of src from the ground up, and which others each of them may import. A room is a folder with what lies beneath
 * it, less the rooms that are named on their own; a single file is one where it is an entry point of the package.
 * ARCHITECTURE.md draws the same.
 */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  "src/core": [],
  "src/core/declare": ["src/core"],
  "src/core/tensor": ["src/core"],
  "src/core/text": ["src/core"],
  "src/core/weights": ["src/core", "src/core/tensor"],
  "src/core/model": ["src/core", "src/core/declare", "src/core/tensor", "src/core/text"],
  "src/core/decode": ["src/core", "src/core/declare", "src/core/tensor"],
  "src/core/cache": ["src/core/declare"],
  "src/core/diffusion": [
    "src/core",
    "src/core/declare",
    "src/core/tensor",
    "src/core/decode",
    "src/core/cache",
  ],
  "src/core/gguf": ["src/core", "src/core/tensor", "src/core/model", "src/core/weights"],
  "src/core/engine/request": [
    "src/core",
    "src/core/declare",
    "src/core/tensor",
    "src/core/text",
    "src/core/model",
    "src/core/decode",
    "src/core/cache",
    "src/core/diffusion",
  ],
  "src/core/engine/events": ["src/core", "src/core/text", "src/core/diffusion", "src/core/engine/request"],
  "src/core/engine/backend": ["src/core", "src/core/tensor", "src/core/weights", "src/core/model"],
  "src/core/engine/schedule": [
    "src/core",
    "src/core/tensor",
    "src/core/text",
    "src/core/decode",
    "src/core/diffusion",
    "src/core/engine/request",
    "src/core/engine/events",
    "src/core/engine/backend",
  ],
  "src/core/engine": [
    "src/core",
    "src/core/declare",
    "src/core/tensor",
    "src/core/text",
    "src/core/weights",
    "src/core/model",
    "src/core/gguf",
    "src/core/decode",
    "src/core/diffusion",
    "src/core/engine/request",
    "src/core/engine/events",
    "src/core/engine/backend",
    "src/core/engine/schedule",
  ],
  "src/core/trace": ["src/core", "src/core/engine/request", "src/core/engine/events", "src/core/engine"],
  "src/core/convert": [
    "src/core",
    "src/core/tensor",
    "src/core/weights",
    "src/core/model",
    "src/core/gguf",
    "src/core/engine",
  ],
  "src/core/explain": ["src/core/tensor", "src/core/engine"],
  "src/core/index.ts": [
    "src/core",
    "src/core/declare",
    "src/core/tensor",
    "src/core/text",
    "src/core/weights",
    "src/core/model",
    "src/core/decode",
    "src/core/cache",
    "src/core/diffusion",
    "src/core/engine",
    "src/core/trace",
    "src/core/explain",
    "src/core/convert",
  ],
  "src/tensor.ts": ["src/core", "src/core/tensor", "src/core/weights", "src/core/decode"],
  "src/backends/layout": ["src/core"],
  // What backends on the host's own processor share.
  "src/backends/host": [
    "src/core",
    "src/core/tensor",
    "src/core/decode",
    // The decode loop runs decoders as they are.
    "src/core/diffusion",
  ],
  "src/backends/cpu": ["src/core", "src/core/tensor", "src/core/weights", "src/backends/host"],
  "src/backends/wasm": ["src/core", "src/core/tensor", "src/core/weights", "src/backends/host"],
  "src/backends/gpu": [
    "src/core",
    "src/core/tensor",
    "src/core/weights",
    "src/core/declare",
    "src/core/decode",
    "src/backends/layout",
  ],
  "src/backends/webgpu": [
    "src/core",
    "src/core/tensor",
    // The self-test computes a small model.
    "src/core/model",
    "src/backends/gpu",
  ],
  "src/backends/cuda": ["src/core", "src/core/tensor", "src/backends/gpu"],
  "src/backends": [
    "src/core",
    "src/core/tensor",
    "src/backends/cpu",
    "src/backends/wasm",
    "src/backends/cuda",
    "src/backends/webgpu",
  ],
  "src/sources": ["src/core", "src/core/weights", "src/core/index.ts"],
  "src/remote": [
    "src/core",
    "src/core/engine/events",
    "src/core/index.ts",
    // Engines of threads and workers are named by plain data.
    "src/backends/cpu",
    "src/backends/wasm",
    "src/backends/webgpu",
    "src/backends",
    "src/sources",
  ],
  "src/node.ts": ["src/core", "src/sources", "src/remote"],
  "src/server": ["src/core/declare", "src/core/text", "src/core/index.ts"],
  "src/eval": ["src/core", "src/core/decode", "src/core/model", "src/core/index.ts"],
  "src/cli": [
    "src/core",
    "src/core/declare",
    "src/core/tensor",
    "src/core/weights",
    "src/core/diffusion",
    "src/core/engine/request",
    "src/core/engine/backend",
    "src/core/engine/schedule",
    "src/core/engine",
    "src/core/index.ts",
    "src/backends/host",
    "src/backends",
    "src/sources",
    "src/remote",
    "src/server",
    "src/eval",
  ],
};

/** Packages and modules of Node that the core may import: pure JavaScript, the same in every runtime. */
export const corePackages: readonly string[] = [
  "@huggingface/gguf",
  "@huggingface/jinja",
  "@huggingface/tokenizers",
];

/** Files at the top of src/core/engine, tests apart: what does not belong there has a room beneath. */
export const maxEngineFiles = 14;

/** The room of a file: the longest name that it lies beneath. */
export function roomOf(file: string): string {
  const names = Object.keys(rooms).filter((name) => file === name || file.startsWith(`${name}/`));
  const [room] = names.sort((a, b) => b.length - a.length);
  if (room === undefined) throw new Error(`${file} lies in no room: name one in test/house/rooms.ts`);
  return room;
}
