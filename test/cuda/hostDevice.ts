/** The surroundings of suites on the host device, with kernels that compute as the other backends do. */
import process from "node:process";
import { cuda } from "../../src/backends/cuda/index.ts";
import type { Extent } from "../suites/index.ts";
import { filesOnDisk } from "../support/surroundings.ts";

export const hostDevice = { ...filesOnDisk, backend: cuda({ device: "host" }) };
export const extent: Extent = process.env["UNMASK_TRACES"] === "all" ? "all" : "some";
