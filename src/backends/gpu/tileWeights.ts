/** Weights in bf16 are arranged anew for tensor cores once they are loaded: on the device, one after the other. */
import type { Plan, PlanNode, PrepareOptions, TensorId } from "../../core/tensor/index.ts";
import type { ComputeDevice } from "./device.ts";
import type { DeviceWeight, Shard } from "./deviceWeight.ts";
import { type Binding, params } from "./kernel.ts";
import type { PassCounts } from "./layout/descriptor.ts";
import type { DeviceWeights } from "./memory/weights.ts";
import { panelsOf, stageBytes, stagesOf } from "./ops/tensorCores/shapes.ts";

/** A weight that a product of a node reads. */
export interface ProductWeight {
  readonly id: TensorId;
  /** `pairs` where the product combines gates and ups. */
  readonly form: "tiles" | "pairs";
  /** Whether each expert has rows of its own. */
  readonly experts: boolean;
}

export function productWeights({ op, inputs }: PlanNode): readonly ProductWeight[] {
  const of = (id: TensorId | undefined, form: ProductWeight["form"], experts = false) => ({
    id: id!,
    form,
    experts,
  });
  switch (op) {
    case "qkv":
    case "project":
    case "headStatistics":
      return [of(inputs.weight, "tiles")];
    case "mlp":
      return [of(inputs.gateUp, "pairs"), of(inputs.down, "tiles")];
    case "expertsUp":
      return [of(inputs.gateUp, "pairs", true)];
    case "expertsDown":
      return [of(inputs.down, "tiles", true)];
    default:
      return [];
  }
}

interface Parts {
  readonly device: ComputeDevice;
  readonly weights: DeviceWeights;
  /** Stands for a step's descriptor, which the kernel does not read. */
  readonly dummyBinding: Binding;
}

/** Arranges the weights of all products. Copies of 16 bytes need rows of x that begin at multiples of these: others stay in rows. */
export async function tileWeights(parts: Parts, plans: readonly Plan[], options: PrepareOptions) {
  for (const plan of plans) {
    for (const product of plan.nodes.flatMap(productWeights)) {
      const { name: symbol, shape } = plan.tensors[product.id]!;
      const weight = parts.weights.get(symbol);
      const isFit = weight.dtype === "bf16" && Number(shape.at(-1)) % 8 === 0;
      if (!isFit || weight.shards[0]!.form) continue;
      const dimensions = shape as readonly number[];
      const shards: Shard[] = [];
      for (const shard of weight.shards)
        shards.push(await tiled(parts, { symbol, weight, shard, product, dimensions }, options));
      parts.weights.replace(symbol, { ...weight, shards });
    }
  }
}

interface Source {
  readonly symbol: string;
  readonly weight: DeviceWeight;
  readonly shard: Shard;
  readonly product: ProductWeight;
  readonly dimensions: readonly number[];
}

/** Of no pass: a kernel that arranges weights has as many workgroups as these. */
const noCounts: PassCounts = {
  tokens: 0,
  rows: 0,
  requests: 0,
  attentionTiles: 0,
  pairs: 0,
  divergence: false,
  distribution: false,
  mixture: false,
  candidateWords: 0,
  couplings: 0,
};

async function tiled(
  { device, dummyBinding }: Parts,
  { symbol, weight, shard, product: { form, experts }, dimensions }: Source,
  options: PrepareOptions,
): Promise<Shard> {
  const paired = form === "pairs";
  const count = shard.last - shard.first;
  const units = experts ? count : 1;
  const unitRows = experts ? dimensions[1]! : paired ? 2 * count : count;
  const unitPanels = panelsOf(paired ? unitRows / 2 : unitRows, paired);
  const stages = units * unitPanels * stagesOf(dimensions.at(-1)!);
  const buffer = await device.createBuffer(symbol, stages * stageBytes);
  const target: Binding = { buffer, offset: 0, bytes: buffer.size, access: "write" };
  const spec = {
    name: symbol,
    forms: [{ kernel: "tileWeight", constants: { paired: Number(paired) } }],
    params: params(weight.stride, unitRows, unitPanels),
    bindings: [shard, target],
    workgroups: () => [stages] as const,
  };
  const [program] = await device.bind([[spec]], {
    ...options,
    steps: dummyBinding.buffer,
    control: dummyBinding.buffer,
  });
  const commands = device.commands();
  commands.run(program!, noCounts, 0);
  await commands.submit();
  // The rows are freed before the next weight is allocated.
  await device.flush();
  program!.dispose();
  return { ...shard, buffer, bytes: buffer.size, form };
}
