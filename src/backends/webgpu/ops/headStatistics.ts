/**
 * The head: parts of each wanted row's distribution, tile by tile of the vocabulary, and their merger; then what only
 * some rows need. Rows are done in chunks, so that what lies between two kernels has a bounded size.
 */
import type { NodeOf } from "../../../core/tensor/index.ts";
import type { PassCounts } from "../descriptor.ts";
import { type Binding, type KernelSpec, params, type WorkgroupCount } from "../kernel.ts";
import { whole } from "../memory.ts";
import {
  logitsChunk,
  productIncludes,
  reduceInclude,
  rowLanes,
  squareTile,
  weightInclude,
} from "../variants.ts";
import type { Shard } from "../weights.ts";
import type { OpContext, OpKernels } from "./context.ts";
import { matrixProduct } from "./matrix.ts";

/** One tile for all counts of rows: the vocabulary's tiles are a part of the order of sums. */
const tile = squareTile;
const partialWords = 12;
const divergenceWords = 5;
const partialsBytes = 32 * 2 ** 20;

type Rows = Pick<Shard, "first" | "last">;
const tilesOf = ({ first, last }: Rows) => Math.ceil((last - first) / tile.n);

/** Sizes of what lies between the kernels of a head whose weight lies in these shards. */
export function headLayout(vocabulary: number, capacityRows: number, shards: readonly Rows[]) {
  // Exactly those that are written, as all are merged: each shard may end in a tile that is not full.
  const tiles = shards.reduce((sum, shard) => sum + tilesOf(shard), 0);
  const rowBytes = 4 * partialWords * tiles;
  const rows = Math.max(1, Math.min(capacityRows, Math.floor(partialsBytes / rowBytes)));
  const held = logitsChunk(vocabulary, capacityRows);
  return {
    tiles,
    rows,
    partialsBytes: rows * rowBytes,
    divergenceBytes: 4 * divergenceWords * tiles * rows,
    logitsRows: held,
    logitsBytes: 4 * held * vocabulary,
  };
}

interface Chunk {
  readonly first: number;
  readonly limit: number;
}

/** A chunk's share of so many rows. */
const within = ({ first, limit }: Chunk, rows: number) => Math.max(0, Math.min(rows, limit) - first);

function chunksOf(rows: number, length: number): readonly Chunk[] {
  return Array.from({ length: Math.ceil(rows / length) }, (_, index) => {
    return { first: index * length, limit: Math.min(rows, (index + 1) * length) };
  });
}

export function headStatistics(node: NodeOf<"headStatistics">, context: OpContext): OpKernels {
  const { vocabulary } = node.attributes;
  const capacityRows = context.plan.capacity.rows;
  const head = new Head(node, context);
  const layout = headLayout(vocabulary, capacityRows, context.matrix(node.inputs.weight).shards);
  return [
    ...chunksOf(capacityRows, layout.rows).flatMap((chunk) => head.statistics(chunk, layout.tiles)),
    head.keep(),
    ...chunksOf(capacityRows, layout.rows).flatMap((chunk) => head.divergence(chunk, layout.tiles)),
    ...head.gather(),
    ...chunksOf(capacityRows, layout.logitsRows).flatMap((chunk) => head.distribution(chunk)),
  ];
}

/** The kernels that give raw logits of a chunk of rows, for debugging. */
export function headLogits(
  node: NodeOf<"headStatistics">,
  context: OpContext,
): readonly (Chunk & { kernels: OpKernels })[] {
  const head = new Head(node, context);
  const { rows } = context.plan.capacity;
  return chunksOf(rows, logitsChunk(node.attributes.vocabulary, rows)).map((chunk) => ({
    ...chunk,
    kernels: head.logits(chunk),
  }));
}

class Head {
  readonly #node: NodeOf<"headStatistics">;
  readonly #context: OpContext;
  readonly #hidden: Binding;
  readonly #width: number;

  constructor(node: NodeOf<"headStatistics">, context: OpContext) {
    this.#node = node;
    this.#context = context;
    this.#hidden = context.tensor(node.inputs.hidden);
    this.#width = context.columns(node.inputs.hidden);
  }

  statistics(chunk: Chunk, tiles: number): OpKernels {
    const { rows, forbidden, partials, statistics } = this.#context.state;
    const bindings = [
      whole(rows, "read"),
      whole(forbidden, "read"),
      this.#hidden,
      whole(partials, "write"),
    ] as const;
    const size = ({ rows }: { rows: number }) => within(chunk, rows);
    return [
      ...this.#tiles("headTiles", chunk, tiles, tile.m, bindings, size),
      {
        name: this.#node.name,
        forms: [{ shader: "headMerge", constants: { lanes: rowLanes(64, this.#context.capabilities) } }],
        params: params(tiles, chunk.first, chunk.limit),
        bindings: [whole(rows, "read"), whole(partials, "write"), whole(statistics, "write")],
        size: ({ rows }) => [within(chunk, rows)],
      },
    ];
  }

  keep(): KernelSpec {
    const { rows, kept, keptStep, pairRows, statistics } = this.#context.state;
    return {
      name: this.#node.name,
      forms: [{ shader: "keepHidden" }],
      rare: true,
      params: params(this.#width),
      bindings: [
        whole(rows, "read"),
        this.#hidden,
        whole(kept, "write"),
        whole(keptStep, "write"),
        whole(pairRows, "write"),
        whole(statistics, "write"),
      ],
      size: (counts) => [counts.divergence ? counts.rows : 0],
    };
  }

  divergence(chunk: Chunk, tiles: number): OpKernels {
    const { rows, forbidden, pairRows, divergenceParts, statistics } = this.#context.state;
    const parts = whole(divergenceParts, "write");
    const bindings = [
      whole(rows, "read"),
      whole(forbidden, "read"),
      whole(pairRows, "write"),
      parts,
    ] as const;
    const size = (counts: { rows: number; divergence: boolean }) =>
      counts.divergence ? within(chunk, counts.rows) : 0;
    return [
      ...this.#tiles("divergenceTiles", chunk, tiles, tile.m / 2, bindings, size),
      {
        name: this.#node.name,
        forms: [
          { shader: "divergenceMerge", constants: { lanes: rowLanes(64, this.#context.capabilities) } },
        ],
        rare: true,
        params: params(tiles, chunk.first, chunk.limit),
        bindings: [whole(rows, "read"), parts, whole(statistics, "write")],
        size: (counts) => [size(counts)],
      },
    ];
  }

  gather(): OpKernels {
    const { pairs, gathered } = this.#context.state;
    const { dtype, stride, shards } = this.#context.matrix(this.#node.inputs.weight);
    const { capabilities } = this.#context;
    return shards.map((shard) => ({
      name: this.#node.name,
      forms: [
        {
          shader: "gatherLogits",
          variant: { weights: weightInclude(dtype, capabilities), reduce: reduceInclude(capabilities) },
          constants: { lanes: rowLanes(this.#width, capabilities) },
        },
      ],
      params: params(this.#width, stride, shard.first, shard.last),
      bindings: [shard, whole(pairs, "read"), this.#hidden, whole(gathered, "write")],
      size: (counts) => square(counts.pairs),
      rare: true,
    }));
  }

  logits({ first, limit }: Chunk): readonly KernelSpec[] {
    return matrixProduct(this.#context, {
      name: this.#node.name,
      weight: this.#context.matrix(this.#node.inputs.weight),
      x: this.#hidden,
      y: whole(this.#context.state.logits, "write"),
      inner: this.#width,
      width: this.#node.attributes.vocabulary,
      ofHead: { first, limit },
    });
  }

  distribution(chunk: Chunk): OpKernels {
    const { vocabulary } = this.#node.attributes;
    const { rows, forbidden, logits, statistics } = this.#context.state;
    const { capabilities } = this.#context;
    const embedding = this.#context.matrix(this.#node.inputs.embedding);
    const products = this.logits(chunk).map((spec): KernelSpec => {
      const held = (counts: PassCounts) => counts.distribution || counts.candidateWords > 0;
      return { ...spec, size: (counts) => (held(counts) ? spec.size(counts) : [0]), rare: true };
    });
    return [
      ...products,
      this.#candidates(chunk),
      {
        name: this.#node.name,
        forms: [
          {
            shader: "distribution",
            variant: { reduce: reduceInclude(capabilities) },
            constants: { lanes: 256 },
          },
        ],
        params: params(vocabulary, chunk.first, chunk.limit),
        bindings: [
          whole(rows, "read"),
          whole(forbidden, "read"),
          whole(logits, "write"),
          whole(statistics, "write"),
        ],
        size: (counts) => [counts.distribution ? within(chunk, counts.rows) : 0],
        rare: true,
      },
      ...embedding.shards.map((shard): KernelSpec => {
        const own = [
          this.#width,
          embedding.stride,
          vocabulary,
          chunk.first,
          chunk.limit,
          shard.first,
          shard.last,
        ];
        return {
          name: this.#node.name,
          forms: [{ shader: "mixture", variant: { weights: weightInclude(embedding.dtype, capabilities) } }],
          params: params(...own),
          bindings: [
            shard,
            whole(rows, "read"),
            whole(logits, "write"),
            this.#context.tensor(this.#node.outputs.mixture),
          ],
          size: (counts) => [
            counts.mixture ? within(chunk, counts.rows) : 0,
            Math.ceil(embedding.stride / 64),
          ],
          rare: true,
        };
      }),
    ];
  }

  /** The best tokens, before mixtures take the place of the logits. */
  #candidates(chunk: Chunk): KernelSpec {
    const { vocabulary } = this.#node.attributes;
    const { rows, forbidden, logits, candidates } = this.#context.state;
    const { capabilities } = this.#context;
    return {
      name: this.#node.name,
      forms: [
        {
          shader: "topCandidates",
          variant: { reduce: reduceInclude(capabilities) },
          constants: { lanes: rowLanes(vocabulary, capabilities) },
        },
      ],
      params: params(vocabulary, chunk.first, chunk.limit),
      bindings: [
        whole(rows, "read"),
        whole(forbidden, "read"),
        whole(logits, "write"),
        whole(candidates, "write"),
      ],
      size: (counts) => [counts.candidateWords > 0 ? within(chunk, counts.rows) : 0],
      rare: true,
    };
  }

  /** A kernel over tiles of rows and of the vocabulary, for each shard of the head. */
  #tiles(
    shader: "headTiles" | "divergenceTiles",
    chunk: Chunk,
    tiles: number,
    tileRows: number,
    bindings: readonly Binding[],
    rows: (counts: { rows: number; divergence: boolean }) => number,
  ): OpKernels {
    const { dtype, stride, shards } = this.#context.matrix(this.#node.inputs.weight);
    let before = 0;
    return shards.map((shard): KernelSpec => {
      const { first, last } = shard;
      const own = tilesOf(shard);
      const spec: KernelSpec = {
        name: this.#node.name,
        forms: [
          {
            shader,
            variant: productIncludes(dtype, this.#width, this.#context.capabilities),
            constants: { tile_m: tile.m, tile_n: tile.n },
          },
        ],
        params: params(this.#width, stride, first, last, before, tiles, chunk.first, chunk.limit),
        bindings: [shard, ...bindings],
        size: (counts) => [Math.ceil(rows(counts) / tileRows), own],
        rare: shader === "divergenceTiles",
      };
      before += own;
      return spec;
    });
  }
}

/** A grid of about so many workgroups, as one dimension may hold 65535 only. */
export function square(count: number): WorkgroupCount {
  const side = Math.ceil(Math.sqrt(count));
  return count <= 65535 ? [count] : [side, side];
}
