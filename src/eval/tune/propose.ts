/** The candidates of each generation of a search. */
import type { Random } from "./random.ts";
import { type Candidate, nameOf, type Settings } from "./settings.ts";
import { drawSettings, type Space, varySettings, withPassesOf } from "./space.ts";

/** Candidates of the first generation for each decoder, and all candidates of a later one. */
const drawsPerDecoder = 4;
const generationSize = 24;
/** The standard deviation of a variation on the scale of a parameter: of the first variations, of the last, and its decrease. */
const width = { first: 0.15, last: 0.02, decrease: 0.8 } as const;
/** Chances in a later generation: new settings instead of a variation, and then a winner's blocks and cache with them. */
const chance = { fresh: 0.25, winnersPasses: 0.7 } as const;
/** Places that fill [0, 1] evenly, however many there are. */
const goldenRatio = (Math.sqrt(5) - 1) / 2;

export function candidateOf(request: Settings): Candidate {
  return { name: nameOf(request), request };
}

/**
 * A function that proposes the next generation. The first one has the starters and random settings of every decoder; later ones
 * vary the elite.
 */
export function proposals(space: Space, starters: readonly Candidate[], random: Random) {
  const offset = random.next();
  let drawn = 0;
  const fresh = (index: number) => {
    const decoder = space.decoders[index % space.decoders.length]!;
    return drawSettings(space, decoder, (offset + drawn++ * goldenRatio) % 1, random);
  };
  const later = (generation: number, elite: readonly Candidate[]): Settings => {
    const winner = random.pick(elite).request;
    if (random.next() >= chance.fresh) {
      const spread = Math.max(width.last, width.first * width.decrease ** (generation - 1));
      return varySettings(space, winner, spread, random);
    }
    const own = fresh(Math.floor(random.next() * space.decoders.length));
    return random.next() < chance.winnersPasses ? withPassesOf(space, own, winner) : own;
  };
  return (generation: number, elite: readonly Candidate[]): readonly Candidate[] => {
    if (generation === 0) {
      const draws = Array.from({ length: drawsPerDecoder * space.decoders.length }, (_, index) =>
        candidateOf(fresh(index)),
      );
      return distinct([...starters, ...draws]);
    }
    const draw = (index: number) => (elite.length > 0 ? later(generation, elite) : fresh(index));
    return distinct(Array.from({ length: generationSize }, (_, index) => candidateOf(draw(index))));
  };
}

export function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  return [...new Map(candidates.map((candidate) => [candidate.name, candidate])).values()];
}
