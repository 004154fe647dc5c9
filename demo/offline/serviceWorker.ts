/**
 * Keeps the page's own files, so that the page opens without a network. Models are not its business: they are kept in the origin
 * private file system. Built as sw.js beside index.html; its first line defines `pageBuild`.
 */
import { isImmutable, nameIn, type PageFiles, partOf } from "./answers.ts";

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Clients {
  claim(): Promise<void>;
  matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly unknown[]>;
}
/** The used part of the global scope of a service worker. */
interface ServiceWorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: Clients;
  /** Written by the build: see servicePlugin.ts. */
  readonly pageBuild: { readonly version: string; readonly files: PageFiles };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent & ExtendableEvent) => void): void;
}

const worker = self as unknown as ServiceWorkerScope;
const { version, files } = worker.pageBuild;
const { scope } = worker.registration;
/** Pages in other folders of the origin have caches of their own. */
const prefix = `unmask page ${scope} `;
const cacheName = prefix + version;
/** A server that does not answer by then counts as none. */
const maxWaitMs = 5000;

worker.addEventListener("install", (event) => event.waitUntil(keepAll()));
worker.addEventListener("activate", (event) => event.waitUntil(begin()));
worker.addEventListener("message", (event) => event.waitUntil(takeOver(event.data)));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const name = request.method === "GET" ? nameIn(files, request.url, scope) : undefined;
  if (name !== undefined) event.respondWith(answer(request, name));
});

async function keepAll(): Promise<void> {
  const cache = await caches.open(cacheName);
  const requests = files.map((name) => {
    // The browser's own cache may hold an old copy of a file whose name has no checksum. Nor may it get one, which can be compressed:
    // Chromium would answer later ranges with parts of the compressed bytes.
    return new Request(new URL(name, scope), { cache: isImmutable(name) ? "default" : "no-store" });
  });
  await cache.addAll(requests);
}

async function begin(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== cacheName);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/**
 * A page of this build wants this service worker in place of an older one, whose files other tabs may still need: it takes over
 * once that page is the only one. Otherwise browsers wait until no tab shows the page.
 */
async function takeOver(message: unknown): Promise<void> {
  const { script } = (message ?? {}) as { script?: unknown };
  if (typeof script !== "string" || nameIn(files, script, scope) === undefined) return;
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (pages.length <= 1) await worker.skipWaiting();
}

/** Every answer passes here: headers that a static host cannot send would be added here. */
async function answer(request: Request, name: string): Promise<Response> {
  if (isImmutable(name)) return (await kept(request, name)) ?? fetch(request);
  const fetching = fetch(request);
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, maxWaitMs));
  const response = await Promise.race([fetching.catch(() => undefined), late]);
  if (response && response.status < 500) return response;
  return (await kept(request, name)) ?? fetching;
}

async function kept(request: Request, name: string): Promise<Response | undefined> {
  const cache = await caches.open(cacheName);
  const whole = await cache.match(new URL(name, scope), { ignoreVary: true });
  return whole && partOf(whole, request.headers.get("range"));
}
