/**
 * Before a device is used, it computes a model whose result is known, as some drivers miscompile shaders. If the fast
 * kernels give another result, safer ones are tried, and the backend's description says so.
 */
import { DiffusionError } from "../../../core/error.ts";
import type { Backend } from "../../../core/tensor/index.ts";
import type { Capabilities } from "../capabilities.ts";
import type { OpenDevice } from "../device.ts";
import * as model from "./selfTestModel.ts";

const tolerance = 1e-3;

/** From the fastest kernels to the safest: with all features of the device; without optional features; without barriers. */
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

/** By device: the kernels that passed. Engines on one device test it once. */
const passed = new WeakMap<GPUDevice, Map<string, Promise<OpenDevice>>>();

/**
 * The device with the fastest kernels that pass.
 * @param make creates a backend that does not own its device
 * @throws DiffusionError `unsupported` if no kernels pass, `device-lost`
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

/** How a backend's result differs from the known one; undefined if it does not. */
async function problemOf(backend: Backend): Promise<string | undefined> {
  try {
    return differenceOf(await answerOf(backend));
  } catch (error) {
    // A lost device or full memory proves nothing about the kernels.
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
