import { type Bound, type FetchHandler, type ListenOptions, listenError } from "./bound.ts";

/** The part of Deno's server that is used here; the types of Deno are not available to Node's compiler. */
interface DenoServer {
  readonly addr: { readonly port: number };
  /** Stops accepting connections, and resolves when all responses are sent. */
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
    // Deno cannot close open connections during a shutdown. The remaining ones end with the process.
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), deadlineMs);
    });
    const complete = await Promise.race([draining, late]);
    clearTimeout(timer);
    return complete;
  };
  return { port: server.addr.port, drain };
}
