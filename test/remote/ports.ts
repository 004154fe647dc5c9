/** Ports and engines for tests. */
import type { EngineHandle, EngineInfo, GenerateEvent } from "../../src/core/index.ts";
import {
  type ConnectOptions,
  connectEngine,
  type Port,
  type PortListener,
  portOf,
  serveEngine,
} from "../../src/remote/index.ts";

export interface Connected {
  readonly engine: Awaited<ReturnType<typeof connectEngine>>;
  /** The result of `serveEngine`. */
  readonly served: Promise<unknown>;
  /** The types of the messages from the engine's side. */
  readonly sent: readonly string[];
  readonly ports: MessageChannel;
}

/** Connects to an engine through a message channel. */
export async function connected(
  engine: Parameters<typeof serveEngine>[1],
  options: ConnectOptions = {},
): Promise<Connected> {
  const ports = new MessageChannel();
  const port = portOf(ports.port1);
  const sent: string[] = [];
  const post = (message: unknown) => {
    port.post(message);
    sent.push((message as { type: string }).type);
  };
  const served = serveEngine({ ...port, post }, engine);
  return { engine: await connectEngine(ports.port2, options), served, sent, ports };
}

/** A port whose other side is the test. */
export class ScriptedPort implements Port {
  readonly posted: unknown[] = [];
  closed = false;
  listener: PortListener | undefined;

  post(message: unknown): void {
    this.posted.push(structuredClone(message));
  }
  listen(listener: PortListener): void {
    this.listener = listener;
  }
  close(): void {
    this.closed = true;
  }
}

const info = { family: "none", device: "a test", decoders: [] } as unknown as EngineInfo;

/** An engine with the given methods; other calls fail. */
export function scriptedEngine(
  parts: Partial<EngineHandle> = {},
): EngineHandle & { readonly disposals: number } {
  const unexpected = () => Promise.reject(new Error("This was not expected"));
  let disposals = 0;
  return {
    info,
    async *generate() {},
    tokenize: unexpected,
    detokenize: unexpected,
    tokenTexts: unexpected,
    status: unexpected,
    logits: unexpected,
    plan: unexpected,
    async dispose() {
      disposals++;
    },
    ...parts,
    get disposals() {
      return disposals;
    },
  };
}

export const progressOf = (committed: number): GenerateEvent => ({
  type: "progress",
  committed,
  total: Infinity,
});

export async function collect(events: AsyncIterable<GenerateEvent>): Promise<readonly GenerateEvent[]> {
  const all: GenerateEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** Waits until all messages in transit are handled. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}
