/** Starts the service worker of a built page, which then opens without a network. */
import { signal } from "@preact/signals";

/** Whether the page's own files are kept. */
export const opensOffline = signal(false);

/** Call it once the page has loaded what it shows, as the service worker requests all of the page's files. */
export async function registerServiceWorker(): Promise<void> {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  // The development server has no built files to keep; insecure pages have no service workers.
  if (import.meta.env.DEV || !serviceWorker) return;
  try {
    const registration = await serviceWorker.register(new URL("sw.js", document.baseURI), { scope: "./" });
    const hasWaiting = () => registration.waiting?.postMessage({ script: import.meta.url });
    hasWaiting();
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", hasWaiting);
    });
    await installed(registration);
    opensOffline.value = true;
  } catch (error) {
    // Private windows of some browsers have no service workers, and a full disk has no room: the page then needs a network.
    console.warn("The page is not kept for use without a network:", error);
    opensOffline.value = false;
  }
}

/** @throws if the page's files cannot all be kept, where `navigator.serviceWorker.ready` would wait for ever */
async function installed({ active, installing }: ServiceWorkerRegistration): Promise<void> {
  if (active || !installing) return;
  await new Promise<void>((resolve, reject) => {
    installing.addEventListener("statechange", () => {
      if (installing.state === "activated") resolve();
      if (installing.state === "redundant") reject(new Error("a file cannot be requested or kept"));
    });
  });
}
