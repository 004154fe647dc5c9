import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installPackages, lavapipe, missingPackages } from "./systemPackages.mjs";

const files = {
  chromium: [
    "usr/bin/chromium",
    "usr/lib/chromium/vk_swiftshader_icd.json",
    "usr/lib/chromium/libvulkan.so.1",
  ],
  cmake: ["usr/bin/cmake"],
  curl: ["usr/bin/curl"],
  "g++": ["usr/bin/g++"],
  libvulkan1: ["usr/lib/x86_64-linux-gnu/libvulkan.so.1"],
  "mesa-vulkan-drivers": [
    "usr/share/vulkan/icd.d/intel_icd.x86_64.json",
    "usr/share/vulkan/icd.d/lvp_icd.x86_64.json",
  ],
  nginx: ["usr/sbin/nginx"],
  "ninja-build": ["usr/bin/ninja"],
};
let root;
let calls;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "unmask-packages-"));
  calls = [];
});
afterEach(() => rmSync(root, { recursive: true }));

function place(...names) {
  for (const path of names.flatMap((name) => files[name] ?? [])) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), "");
  }
}
/** An apt-get that installs all packages except `broken`. */
function aptGet(broken) {
  return (command, ...args) => {
    calls.push([command, ...args].join(" "));
    if (args.includes("install")) place(...args.filter((name) => name !== broken));
    return true;
  };
}

test("runs nothing if no package is missing", () => {
  place(...Object.keys(files));
  expect(installPackages({ root, run: aptGet(), isRoot: true })).toBeUndefined();
  expect(calls).toEqual([]);
  expect(lavapipe(root)).toBe(join(root, "usr/share/vulkan/icd.d/lvp_icd.x86_64.json"));
});

test("installs missing packages only", () => {
  place("libvulkan1", "curl");
  expect(installPackages({ root, run: aptGet(), isRoot: true })).toBeUndefined();
  expect(calls.at(-1)).toBe(
    "apt-get -qq install --yes --no-install-recommends chromium cmake g++ mesa-vulkan-drivers nginx ninja-build",
  );
  expect(missingPackages(root)).toEqual([]);
});

test("reports packages that are missing after the installation", () => {
  expect(installPackages({ root, run: aptGet("chromium"), isRoot: true })).toMatch(
    /found no chromium, after apt-get/,
  );
});

test.each([
  ["without root privileges", false, true],
  ["without apt-get", true, false],
])("%s it names the packages to install", (_, isRoot, hasAptGet) => {
  place("chromium", "curl");
  const message = installPackages({ root, run: () => hasAptGet, isRoot });
  expect(message).toMatch(/apt-get install libvulkan1 cmake g\+\+ mesa-vulkan-drivers nginx ninja-build$/);
});
