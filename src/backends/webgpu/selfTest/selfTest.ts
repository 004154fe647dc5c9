/**
 * Some drivers miscompile shaders, so a device must first compute a model whose result is known. If the fast kernels give a
 * wrong result, safer kernels are tried, and the description of the device names them.
 */
import { DiffusionError } from "../../../core/error.ts";
import type { Backend } from "../../../core/tensor/index.ts";
import type { Capabilities } from "../../gpu/capabilities.ts";
import type { OpenDevice } from "../device.ts";
import * as model from "./selfTestModel.ts";

const tolerance = 1e-3;
/** More rows than are split. */
const manyRowsCopies = 2;

/** The kernels to try, fastest first: with all features of the device, without optional features, without barriers. */
export function candidates(
  capabilities: Capabilities,
): readonly { what: string; capabilities: Capabilities }[] {
  const plain = { ...capabilities, f16: false, subgroups: false, busyWorkgroups: 0 };
  const inF32 = capabilities.int8Activations ? ", and activations in f32" : "";
  const all = [
    { what: "", capabilities },
    { what: "kernels without f16 and subgroups, products neither split nor large", capabilities: plain },
    {
      what: `kernels without barriers${inF32}`,
      capabilities: { ...plain, software: true, int8Activations: false },
    },
  ];
  const seen = new Set<string>();
  return all.filter((each) => {
    const key = JSON.stringify(each.capabilities);
    return seen.has(key) ? false : seen.add(key);
  });
}

/** Test results by device and capabilities: engines that share a device test it once. */
const results = new WeakMap<GPUDevice, Map<string, Promise<OpenDevice>>>();

/**
 * Tests a device. Returns it with the capabilities of the fastest kernels that pass.
 * @param make creates a backend that does not own its device
 * @throws DiffusionError `unsupported` if no kernels pass, `device-lost`
 */
export function selfTest(open: OpenDevice, make: (open: OpenDevice) => Backend): Promise<OpenDevice> {
  const known = results.get(open.device) ?? new Map<string, Promise<OpenDevice>>();
  results.set(open.device, known);
  const key = JSON.stringify(open.capabilities);
  const result = known.get(key) ?? testCandidates(open, make);
  known.set(key, result);
  return result;
}

async function testCandidates(open: OpenDevice, make: (open: OpenDevice) => Backend): Promise<OpenDevice> {
  const problems: string[] = [];
  for (const { what, capabilities } of candidates(open.capabilities)) {
    const backendOf = (own: Capabilities) => make({ ...open, capabilities: own, owned: false });
    const problem =
      (await problemOf(backendOf(capabilities), 0)) ??
      (capabilities.busyWorkgroups > 0 ? await problemOfManyRows(capabilities, backendOf) : undefined);
    if (problem === undefined) {
      const reason = what && `; uses ${what}, as the self-test of faster kernels failed: ${problems.at(-1)}`;
      return { ...open, capabilities, description: `${open.description}${reason}` };
    }
    problems.push(problem);
  }
  const message = `Cannot use WebGPU as the self-test of '${open.description}' fails with all kernels: ${problems.at(-1)}`;
  throw new DiffusionError("unsupported", message);
}

/** Products of many rows have kernels of their own, which this small model has only where few workgroups keep a device busy. */
function problemOfManyRows(
  capabilities: Capabilities,
  make: (capabilities: Capabilities) => Backend,
): Promise<string | undefined> {
  return problemOf(make({ ...capabilities, busyWorkgroups: 1 }), manyRowsCopies);
}

/** Describes how a backend fails the test; undefined if it passes. */
async function problemOf(backend: Backend, copies: number): Promise<string | undefined> {
  try {
    return differenceOf(await answerOf(backend, copies));
  } catch (error) {
    // A lost device or full memory proves nothing about the kernels.
    if (error instanceof DiffusionError && error.code !== "internal") throw error;
    return error instanceof Error ? error.message : String(error);
  } finally {
    await backend.dispose();
  }
}

/** The chosen token of each wanted row, its logit and its log-sum-exp. */
export type Answer = typeof model.answer;

/** Computes the model on a backend. @param copies of the first sequence, beside those whose result is known */
export async function answerOf(backend: Backend, copies = 0): Promise<Answer> {
  const { lengths, spans, capacity } = model.sequences(copies);
  const plans = model.plans(capacity);
  await backend.load(model.entries(), plans);
  await backend.prepare(plans);
  let base = 0;
  for (const [slot, length] of lengths.entries()) {
    await backend.openSlot({ slot, base, length });
    const tokens = model.tokensOf(slot);
    await backend.commit([{ slot, positions: [...tokens.keys()], tokens }]);
    base += length + 1;
  }
  const { token, bestLogit, logSumExp } = await backend.submit({ spans, head: model.head });
  return Array.from(token, (each, row) => [each, bestLogit[row]!, logSumExp[row]!] as const);
}

/** Describes the first row that differs from the known result; undefined if none does. */
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
