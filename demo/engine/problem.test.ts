import { expect, test } from "vitest";
import { DiffusionError } from "../../src/core/index.ts";
import { problemOf } from "./problem.ts";

const io = (message: string) => new DiffusionError("io", message);

test("a problem has the error's message, and what to do about it", () => {
  expect(problemOf(io("Cannot read 'x' as the request failed"), true)).toEqual({
    message: "Cannot read 'x' as the request failed",
    advice: expect.stringContaining("Check the connection"),
  });
});

test("full storage and a lost network have advice of their own", () => {
  const full = io("Cannot write 'x' as the browser refuses: found QuotaExceededError: quota");
  expect(problemOf(full, true).advice).toContain("Delete kept models");
  expect(problemOf(io("the request failed"), false).advice).toContain("offline");
  expect(problemOf(new DiffusionError("invalid-file", "x"), false).advice).not.toContain("offline");
});

test("an error of no known kind is shown as it is", () => {
  expect(problemOf("odd", true)).toEqual({ message: "odd", advice: "Reload the page, and try again." });
});
