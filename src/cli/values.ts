/** Strict parsing of option values that no parameter declares. */
import { refuseValue } from "../core/declare/parseValue.ts";

/** Parses a positive integer. @throws DiffusionError `invalid-request` */
export function parseCount(flag: string, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw refuseValue(flag, "a positive integer", text);
}
