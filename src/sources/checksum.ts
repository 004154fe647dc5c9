/**
 * Incremental checksums of files. Web Crypto hashes only whole buffers, so Node and Deno use their own implementation, and
 * browsers use one in JavaScript.
 */
import { sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** SHA-256 of the content, or its git object id: SHA-1 of the header `blob SIZE\0` and the content. */
export interface Checksum {
  readonly kind: "sha256" | "git";
  /** Lower case. */
  readonly hex: string;
}

/** The name under which a store keeps the file with this checksum. */
export function checksumKey({ kind, hex }: Checksum): string {
  return `blobs/${kind}-${hex}`;
}

export interface Hasher {
  update(bytes: Uint8Array): void;
  /** The final checksum in hexadecimal. May be called once. */
  hex(): string;
}

/** @param size bytes of the whole content */
export function hasher(kind: Checksum["kind"], size: number): Hasher {
  if (kind === "sha256") return nativeHasher("sha256") ?? portableHasher("sha256");
  const hash = nativeHasher("sha1") ?? portableHasher("sha1");
  hash.update(new TextEncoder().encode(`blob ${size}\0`));
  return hash;
}

type Algorithm = "sha256" | "sha1";

/** The implementation in JavaScript; exported for the test that compares both implementations. */
export function portableHasher(algorithm: Algorithm): Hasher {
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

/** `process.getBuiltinModule` needs no import statement, which a page could not resolve. */
function nativeHasher(algorithm: Algorithm): Hasher | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => NativeCrypto | undefined };
  };
  const crypto = process?.getBuiltinModule?.("node:crypto");
  const hash = crypto?.createHash(algorithm);
  return hash && { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
}
