import { type Bound, type FetchHandler, type ListenOptions, listenError } from "./bound.ts";

/** What is used of Deno's global object. */
interface DenoServer {
  readonly addr: { readonly port: number };
  /** Accepts nothing any more; resolves when all is answered. */
  shutdown(): Promise<void>;
}
interface DenoServe {
  serve(
    options: { hostname: string; port: number; onListen: () => void },
    handler: (request: Request) => Response | Promise<Response>,
  ): DenoServer;
}

export async function listenDeno(handler: FetchHandler, options: ListenOptions): Promise<Bound> {
  const { serve } = (globalThis as unknown as { Deno: DenoServe }).Deno;
  const { host: hostname, port } = options;
  let server: DenoServer;
  try {
    server = serve({ hostname, port, onListen: () => {} }, (request) => handler(request));
  } catch (cause) {
    throw listenError(options, cause instanceof Error ? cause.name : cause, cause);
  }
  let draining: Promise<boolean> | undefined;
  const drain = async (deadlineMs: number) => {
    draining ??= server.shutdown().then(() => true);
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Deno has no way to close what is open once it shuts down: what is left ends with its engine, and the process.
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), deadlineMs);
    });
    const whole = await Promise.race([draining, late]);
    clearTimeout(timer);
    return whole;
  };
  return { port: server.addr.port, drain };
}
