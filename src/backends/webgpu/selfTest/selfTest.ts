/**
 * Before a device is used, it computes a model whose answer is known. Drivers miscompile: where the fast kernels give
 * another answer, safer ones are tried, and the backend's description says so.
 */
import { DiffusionError } from "../../../core/error.ts";
import type { Backend } from "../../../core/tensor/index.ts";
import type { Capabilities } from "../capabilities.ts";
import type { OpenDevice } from "../device.ts";
import * as model from "./selfTestModel.ts";

const tolerance = 1e-3;

/** Kernels from the fastest to the safest: all that the device has; without optional features; without barriers. */
export function candidates(
  capabilities: Capabilities,
): readonly { what: string; capabilities: Capabilities }[] {
  const plain = { ...capabilities, f16: false, subgroups: false };
  const all = [
    { what: "", capabilities },
    { what: "kernels without f16 and subgroups", capabilities: plain },
    { what: "kernels without barriers", capabilities: { ...plain, software: true } },
  ];
  const seen = new Set<string>();
  return all.filter((each) => {
    const key = JSON.stringify(each.capabilities);
    return seen.has(key) ? false : seen.add(key);
  });
}

/** What a device has passed with: engines that share one test it once. */
const passed = new WeakMap<GPUDevice, Map<string, Promise<OpenDevice>>>();

/**
 * The device with the fastest kernels that give the known answer.
 * @param make a backend on a device that it does not own
 * @throws DiffusionError `unsupported` if none do, `device-lost`
 */
export function selfTested(open: OpenDevice, make: (open: OpenDevice) => Backend): Promise<OpenDevice> {
  const known = passed.get(open.device) ?? new Map<string, Promise<OpenDevice>>();
  passed.set(open.device, known);
  const key = JSON.stringify(open.capabilities);
  const result = known.get(key) ?? firstThatPasses(open, make);
  known.set(key, result);
  return result;
}

async function firstThatPasses(open: OpenDevice, make: (open: OpenDevice) => Backend): Promise<OpenDevice> {
  const problems: string[] = [];
  for (const { what, capabilities } of candidates(open.capabilities)) {
    const problem = await problemOf(make({ ...open, capabilities, owned: false }));
    if (problem === undefined) {
      const reason = what && `; ${what}, as the self-test of faster ones failed: ${problems.at(-1)}`;
      return { ...open, capabilities, description: `${open.description}${reason}` };
    }
    problems.push(problem);
  }
  const message = `Cannot use WebGPU as the self-test of '${open.description}' fails with all kernels: ${problems.at(-1)}`;
  throw new DiffusionError("unsupported", message);
}

/** What is wrong with a backend's answer; undefined if nothing is. */
async function problemOf(backend: Backend): Promise<string | undefined> {
  try {
    return differenceOf(await answerOf(backend));
  } catch (error) {
    // A device that is lost or full says nothing of its kernels.
    if (error instanceof DiffusionError && error.code !== "internal") throw error;
    return error instanceof Error ? error.message : String(error);
  } finally {
    await backend.dispose();
  }
}

export type Answer = typeof model.answer;

export async function answerOf(backend: Backend): Promise<Answer> {
  await backend.load(model.entries());
  await backend.prepare(model.plans());
  let base = 0;
  for (const [slot, length] of model.lengths.entries()) {
    await backend.openSlot({ slot, base, length });
    const tokens = model.tokensOf(slot);
    await backend.commit([{ slot, positions: [...tokens.keys()], tokens }]);
    base += length + 1;
  }
  const { token, bestLogit, logSumExp } = await backend.submit({ spans: model.spans, head: model.head });
  return Array.from(token, (each, row) => [each, bestLogit[row]!, logSumExp[row]!] as const);
}

export function differenceOf(found: Answer): string | undefined {
  for (const [row, [token, ...values]] of model.answer.entries()) {
    const [foundToken, ...foundValues] = found[row] ?? [-1, Number.NaN, Number.NaN];
    const near = values.every(
      (value, index) => Math.abs(value - foundValues[index]!) <= tolerance * (1 + Math.abs(value)),
    );
    if (token === foundToken && near) continue;
    return `row ${row} expected ${[token, ...values].join(", ")}, found ${[foundToken, ...foundValues].join(", ")}`;
  }
  return undefined;
}
