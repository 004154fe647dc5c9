/** The storage that the browser grants the page. */

export interface StorageUse {
  readonly usedBytes: number;
  readonly quotaBytes: number;
}

/** Undefined where the browser does not say. */
export async function storageUse(): Promise<StorageUse | undefined> {
  // Pages without a secure origin have no storage manager.
  const storage = navigator.storage as StorageManager | undefined;
  const estimate = await storage?.estimate?.().catch(() => undefined);
  if (estimate?.usage === undefined || estimate.quota === undefined) return undefined;
  return { usedBytes: estimate.usage, quotaBytes: estimate.quota };
}

/** Bytes that the browser still grants; undefined where it does not say. */
export async function freeStorage(): Promise<number | undefined> {
  const use = await storageUse();
  return use && Math.max(0, use.quotaBytes - use.usedBytes);
}

/** Asks the browser not to evict what the page keeps. */
export async function keepStorage(): Promise<void> {
  const storage = navigator.storage as StorageManager | undefined;
  await storage?.persist?.().catch(() => false);
}
