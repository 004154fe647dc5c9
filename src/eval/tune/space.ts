/** The space of a search: decoders, caches and their parameters by their declarations, and lengths of blocks. */
import {
  type CachePolicy,
  type Choice,
  type Decoder,
  type EngineInfo,
  type Parameter,
  type Parameters,
  suitsNeeds,
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
 * @param decoders built-in and custom decoders
 * @param caches policies without the reference ones
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
  return {
    decoders,
    caches: caches.filter(({ blockCausal = false }) => blockCausal === causal),
    blockLengths: causal ? [] : divisors.length > 0 ? divisors : [genLength],
    maskBlock,
  };
}

/** Random settings with a decoder. @param place the place of the decoder's first parameter on its scale */
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
    cache: drawCache(space, random),
    ...drawSmoothing(space, random),
    ...drawBlock(space, random),
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
      ? drawBlock(space, random)
      : { ...(blockLength !== undefined && { blockLength }) };
  const own =
    random.next() < redraw.cache || !cache
      ? drawCache(space, random)
      : vary(space.caches, cache, width, random);
  const smooth =
    random.next() < redraw.smoothing ? drawSmoothing(space, random) : { ...(smoothing && { smoothing }) };
  const varied = vary(space.decoders, decoder, width, random);
  return finish(space, { ...rest, decoder: varied, cache: own, ...smooth, ...block });
}

/** The settings with the decoder of `settings`, and the blocks and cache of `other`. */
export function withPassesOf(space: Space, settings: Settings, other: Settings): Settings {
  const { cache: _, blockLength: __, ...rest } = settings;
  const { cache, blockLength } = other;
  return finish(space, {
    ...rest,
    ...(cache && { cache }),
    ...(blockLength !== undefined && { blockLength }),
  });
}

/** Removes what cannot be combined: smoothing without a threshold, a stale cache with a decoder that replaces tokens. */
function finish(space: Space, { smoothing, cache, ...settings }: Settings): Settings {
  const decoder = space.decoders.find(({ name }) => name === settings.decoder.name);
  const policy = space.caches.find(({ name }) => name === cache?.name);
  const { smoothed, needs, parameters = {} } = decoder ?? {};
  const threshold = smoothed && (settings.decoder[smoothed] ?? parameters[smoothed]?.default);
  const smooths = smoothing !== undefined && typeof threshold === "number";
  const allowed = policy !== undefined && suitsNeeds(policy, needs);
  const plain = { ...settings, ...(smooths && { smoothing }), ...(allowed && cache && { cache }) };
  return plainSettings(plain, space, space.maskBlock);
}

function drawBlock({ blockLengths }: Space, random: Random): Pick<Settings, "blockLength"> {
  return blockLengths.length > 0 ? { blockLength: random.pick(blockLengths) } : {};
}

function drawSmoothing({ maskBlock }: Space, random: Random): Pick<Settings, "smoothing"> {
  return maskBlock === Infinity && random.next() < chance.smoothing ? { smoothing: {} } : {};
}

function drawCache({ caches }: Space, random: Random): Choice {
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
