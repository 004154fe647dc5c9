import { DiffusionError } from "../core/error.ts";

/** @throws DiffusionError `io` unless the range [offset, offset + length) lies within a file of `size` bytes */
export function assertRange(name: string, size: number, offset: number, length: number): void {
  const valid = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!valid || offset + length > size) {
    throw new DiffusionError(
      "io",
      `Cannot read '${name}' as the range must lie within its ${size} bytes: found ${length} bytes at ${offset}`,
    );
  }
}
