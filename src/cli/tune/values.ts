/** Values of options of `unmask tune`. */
import { refuseValue } from "../../core/declare/parseValue.ts";

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Parses a duration, for example 90s, 15m or 1h, to milliseconds. @throws DiffusionError `invalid-request` */
export function parseDuration(flag: string, text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const value = Number(count) * unitMs[unit!]!;
  if (value > 0) return value;
  throw refuseValue(
    flag,
    "a duration above 0 in seconds, minutes or hours, for example 90s, 15m or 1h",
    text,
  );
}

/** Parses points of accuracy to a fraction. @throws DiffusionError `invalid-request` */
export function parsePoints(flag: string, text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : -1;
  if (value >= 0 && value <= 100) return value / 100;
  throw refuseValue(flag, "a number of points from 0 to 100", text);
}

/** @throws DiffusionError `invalid-request` */
export function parseSeed(flag: string, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : -1;
  if (value >= 0 && value < 2 ** 32) return value;
  throw refuseValue(flag, "an integer from 0 to 4294967295", text);
}

/**
 * The members with the names in a list that is separated by commas, in the list's order.
 * @throws DiffusionError `invalid-request`
 */
export function parseNames<T extends { readonly name: string }>(
  flag: string,
  text: string,
  members: readonly T[],
): readonly T[] {
  const names = members.map(({ name }) => name);
  return [...new Set(text.split(",").map((name) => name.trim()))].map((name) => {
    const member = members.find((each) => each.name === name);
    if (member) return member;
    throw refuseValue(flag, `names of ${names.join(", ")}, separated by commas`, name);
  });
}
