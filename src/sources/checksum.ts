/** Checksums of files that come in pieces: Web Crypto has none, so the runtime's own where it has one, else JavaScript's. */
import { sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** SHA-256 of the content, or the name that git gives it: SHA-1 of the content behind the line `blob SIZE\0`. */
export interface Checksum {
  readonly kind: "sha256" | "git";
  /** Lower case. */
  readonly hex: string;
}

/** Where a store keeps what has this checksum. */
export function checksumKey({ kind, hex }: Checksum): string {
  return `blobs/${kind}-${hex}`;
}

export interface Hasher {
  update(bytes: Uint8Array): void;
  /** To be called once, at the end. */
  hex(): string;
}

/** @param size of the whole content in bytes */
export function hasher(kind: Checksum["kind"], size: number): Hasher {
  if (kind === "sha256") return native("sha256") ?? portable("sha256");
  const hash = native("sha1") ?? portable("sha1");
  hash.update(new TextEncoder().encode(`blob ${size}\0`));
  return hash;
}

type Algorithm = "sha256" | "sha1";

/** In JavaScript: exported for the test that compares the two. */
export function portable(algorithm: Algorithm): Hasher {
  const hash = (algorithm === "sha256" ? sha256 : sha1).create();
  return { update: (bytes) => void hash.update(bytes), hex: () => bytesToHex(hash.digest()) };
}

interface NativeHash {
  update(bytes: Uint8Array): unknown;
  digest(encoding: "hex"): string;
}
interface NativeCrypto {
  createHash(algorithm: Algorithm): NativeHash;
}

/** Node and Deno give their modules without an import, which a page could not resolve. */
function native(algorithm: Algorithm): Hasher | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => NativeCrypto | undefined };
  };
  const crypto = process?.getBuiltinModule?.("node:crypto");
  const hash = crypto?.createHash(algorithm);
  return hash && { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
}
