/** The space of a search: decoders, caches and their parameters by their declarations, and lengths of blocks. */
import {
  type CachePolicy,
  type Choice,
  type Decoder,
  type EngineInfo,
  maxCoupledRows,
  type Parameter,
  type Parameters,
  suitsDecoder,
} from "../../core/index.ts";
import type { Random } from "./random.ts";
import { scaleOf } from "./scale.ts";
import { plainSettings, type Settings } from "./settings.ts";

export interface Space {
  readonly decoders: readonly Decoder[];
  readonly caches: readonly CachePolicy[];
  /** Empty for a block-causal model, whose mask has blocks. */
  readonly blockLengths: readonly number[];
  readonly maskBlock: number;
}

const minimumBlock = 8;
/** Chances of a draw: a parameter other than a decoder's first leaves its default; smoothing is on. */
const chance = { leavesDefault: 0.4, smoothing: 0.15 } as const;
/** Chances that a variation draws a part anew. */
const redraw = { parameter: 0.2, block: 0.25, cache: 0.25, smoothing: 0.1 } as const;

/**
 * @param decoders the decoders to search
 * @param caches the policies to search; those that do not suit the model's mask are left out
 */
export function spaceOf(
  decoders: readonly Decoder[],
  caches: readonly CachePolicy[],
  { maskBlock, defaults }: Pick<EngineInfo, "maskBlock" | "defaults">,
): Space {
  const causal = maskBlock !== Infinity;
  const { genLength } = defaults;
  const lengths = Array.from({ length: genLength }, (_, index) => index + 1);
  const divisors = lengths.filter((length) => genLength % length === 0 && length >= minimumBlock);
  const suited = caches.filter(({ blockCausal = false }) => blockCausal === causal);
  return {
    decoders: decoders.filter((decoder) => cachesFor(decoder, suited).length > 0),
    caches: suited,
    blockLengths: causal ? [] : divisors.length > 0 ? divisors : [genLength],
    maskBlock,
  };
}

/** The lengths of blocks that the decoder can decide. */
function blocksFor({ needs }: Decoder, { blockLengths }: Space): readonly number[] {
  return needs?.includes("couplings") ? blockLengths.filter((each) => each <= maxCoupledRows) : blockLengths;
}

/** The policies by whose passes the decoder can decide. */
function cachesFor(decoder: Decoder, caches: readonly CachePolicy[]): readonly CachePolicy[] {
  return caches.filter((policy) => suitsDecoder(policy, decoder));
}

/** Random settings with a decoder of the space. @param place the place of the decoder's first parameter on its scale */
export function drawSettings(space: Space, decoder: Decoder, place: number, random: Random): Settings {
  const parameters = Object.entries(decoder.parameters).map(([name, parameter], index) => {
    if (index === 0)
      return [
        name,
        parameter.kind === "number" ? scaleOf(parameter).valueAt(place) : drawValue(parameter, random),
      ];
    return [name, random.next() < chance.leavesDefault ? drawValue(parameter, random) : parameter.default];
  });
  const choice: Choice = { name: decoder.name, ...Object.fromEntries(parameters) };
  return finish(space, {
    decoder: choice,
    cache: drawCache(cachesFor(decoder, space.caches), random),
    ...drawSmoothing(space, random),
    ...drawBlock(blocksFor(decoder, space), random),
  });
}

/**
 * Settings near others, with the same decoder.
 * @param width standard deviation of the change of a parameter, on its scale
 */
export function varySettings(space: Space, settings: Settings, width: number, random: Random): Settings {
  const { decoder, cache, smoothing, blockLength, ...rest } = settings;
  const block =
    random.next() < redraw.block
      ? drawBlock(blocksFor(decoderOf(space, settings), space), random)
      : { ...(blockLength !== undefined && { blockLength }) };
  const own =
    random.next() < redraw.cache || !cache
      ? drawCache(cachesFor(decoderOf(space, settings), space.caches), random)
      : vary(space.caches, cache, width, random);
  const smooth =
    random.next() < redraw.smoothing ? drawSmoothing(space, random) : { ...(smoothing && { smoothing }) };
  const varied = vary(space.decoders, decoder, width, random);
  return finish(space, { ...rest, decoder: varied, cache: own, ...smooth, ...block });
}

/** The settings with the decoder of `settings`, and the block and cache of `other` where the decoder can decide by them. */
export function withPassesOf(space: Space, settings: Settings, other: Settings): Settings {
  const { cache: ownCache, blockLength: ownBlock, ...rest } = settings;
  const decoder = decoderOf(space, settings);
  const suited = cachesFor(decoder, space.caches).some(({ name }) => name === other.cache?.name);
  const cache = suited ? other.cache : ownCache;
  const fits = blocksFor(decoder, space).includes(other.blockLength ?? Math.max(...space.blockLengths));
  const blockLength = fits ? other.blockLength : ownBlock;
  return finish(space, {
    ...rest,
    ...(cache && { cache }),
    ...(blockLength !== undefined && { blockLength }),
  });
}

/** Removes smoothing without a threshold, and what has no effect. */
function finish(space: Space, { smoothing, ...settings }: Settings): Settings {
  const { smoothed, parameters } = decoderOf(space, settings);
  const threshold = smoothed && (settings.decoder[smoothed] ?? parameters[smoothed]?.default);
  const smooths = smoothing !== undefined && typeof threshold === "number";
  const plain = { ...settings, ...(smooths && { smoothing }) };
  return plainSettings(plain, space, space.maskBlock);
}

function drawBlock(lengths: readonly number[], random: Random): Pick<Settings, "blockLength"> {
  return lengths.length > 0 ? { blockLength: random.pick(lengths) } : {};
}

function drawSmoothing({ maskBlock }: Space, random: Random): Pick<Settings, "smoothing"> {
  return maskBlock === Infinity && random.next() < chance.smoothing ? { smoothing: {} } : {};
}

function decoderOf({ decoders }: Space, { decoder }: Settings): Decoder {
  return decoders.find(({ name }) => name === decoder.name)!;
}

function drawCache(caches: readonly CachePolicy[], random: Random): Choice {
  const { name, parameters } = random.pick(caches);
  const drawn = Object.entries(parameters).map(([key, parameter]) => [
    key,
    random.next() < chance.leavesDefault ? drawValue(parameter, random) : parameter.default,
  ]);
  return { name, ...Object.fromEntries(drawn) };
}

function vary(
  known: readonly { readonly name: string; readonly parameters: Parameters }[],
  choice: Choice,
  width: number,
  random: Random,
): Choice {
  const parameters = known.find(({ name }) => name === choice.name)?.parameters ?? {};
  const varied = Object.entries(parameters).map(([key, parameter], index) => {
    const value = choice[key] === undefined ? parameter.default : choice[key];
    const moves = index === 0 || value !== parameter.default;
    if (parameter.kind === "number" && typeof value === "number" && moves) {
      const scale = scaleOf(parameter);
      return [key, scale.valueAt(limited(scale.placeOf(value) + width * random.normal()))];
    }
    return [key, random.next() < redraw.parameter ? drawValue(parameter, random) : value];
  });
  return { ...choice, ...Object.fromEntries(varied) };
}

const limited = (place: number) => Math.min(1, Math.max(0, place));

function drawValue(parameter: Parameter, random: Random): unknown {
  if (parameter.kind === "boolean") return random.next() < 0.5;
  const off = parameter.nullable && random.next() < 0.5;
  if (off) return null;
  return parameter.kind === "choice"
    ? random.pick<string>(parameter.choices)
    : scaleOf(parameter).valueAt(random.next());
}
