/**
 * Threads that run the kernels' tasks. Each has an instance of the module over every memory and does nothing else, so its script
 * needs no file. A job does not wait for a thread to start: tasks go to the threads that are there.
 */

/** What a thread starts with. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memories: readonly {
    readonly memory: WebAssembly.Memory;
    /** The address of memory of the thread's own. */
    readonly scratch: number;
  }[];
}

export interface KernelThread {
  terminate(): void;
}

/** A thread goes from memory to memory, as the kernels say. */
const life =
  "const kernels = start.memories.map(({ memory, scratch }) => {" +
  "const { exports } = new WebAssembly.Instance(start.module, { env: { memory } });" +
  "exports.attach(scratch, 0, 1); return exports; });" +
  "for (let at = 0; at >= 0; ) at = kernels[at].work();";
const nodeScript = `const { workerData: start } = require("node:worker_threads"); ${life}`;
const webScript = `onmessage = ({ data: start }) => { ${life} close(); };`;

interface NodeWorkers {
  readonly Worker: new (
    script: string,
    options: { eval: true; workerData: ThreadStart },
  ) => { unref(): void; terminate(): Promise<number>; on(event: "error", run: () => void): void };
}
interface NodeSystem {
  availableParallelism(): number;
}

/** A module of Node, which Deno has too; undefined in a page. An import would make bundlers look for it. */
function nodeModule<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name) as T | undefined;
}

/** Threads that the machine runs at the same time. */
export function parallelThreads(): number {
  const system = nodeModule<NodeSystem>("node:os");
  return system?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

/** Why memory cannot be shared between threads here; undefined if it can. */
export function whyNoThreads(): string | undefined {
  if (typeof SharedArrayBuffer === "function") return undefined;
  return "the page is not cross-origin isolated";
}

/** Whether this thread may block, which the main thread of a page may not. */
export function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Starts a thread. It never keeps the process from ending. */
export function startThread(start: ThreadStart): KernelThread {
  const workers = nodeModule<NodeWorkers>("node:worker_threads");
  if (workers) {
    const worker = new workers.Worker(nodeScript, { eval: true, workerData: start });
    worker.unref();
    return { terminate: () => void worker.terminate() };
  }
  const url = URL.createObjectURL(new Blob([webScript], { type: "text/javascript" }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  worker.postMessage(start);
  return { terminate: () => worker.terminate() };
}
