/**
 * The arrangement of quantized rows on the device. A block in a file begins at an odd half word and mixes its parts; a row on
 * the device has all elements first, in order, then scales, so that a kernel reads whole words. Each arrangement takes the
 * bytes of the blocks, rounded up to a word. shaders/include/weights.*.wgsl read them.
 */
import { dtypeInfo, type QuantizedDType } from "../../../core/tensor/index.ts";
import { factorsOf } from "../../../core/weights/q4k.ts";

type Place = (stored: Uint8Array, out: Uint8Array) => void;

const places: Readonly<Record<QuantizedDType, Place>> = {
  q8_0: placeQ8,
  q6_k: placeQ6K,
  q4_k: placeQ4K,
  q4_0: placeQ4,
};

/** @param stored the blocks of one row */
export function placeBlocks(dtype: QuantizedDType, stored: Uint8Array, out: Uint8Array): void {
  places[dtype](stored, out);
}

/** Copies a part of each block: the parts of all blocks follow each other in `out`, from `to` on. */
function gather(
  stored: Uint8Array,
  { blockBytes, from, bytes }: { readonly blockBytes: number; readonly from: number; readonly bytes: number },
  out: Uint8Array,
  to: number,
): void {
  for (let block = 0; block < stored.length; block += blockBytes) {
    out.set(stored.subarray(block + from, block + from + bytes), to + (block / blockBytes) * bytes);
  }
}

function placeQ8(stored: Uint8Array, out: Uint8Array): void {
  const { blockElements, blockBytes } = dtypeInfo("q8_0");
  const blocks = stored.length / blockBytes;
  gather(stored, { blockBytes, from: 2, bytes: blockElements }, out, 0);
  gather(stored, { blockBytes, from: 0, bytes: 2 }, out, blocks * blockElements);
}

/** Writes consecutive elements, whose nibbles are those of consecutive bytes from bit `shift` on, two a byte. */
function putNibbles(
  stored: Uint8Array,
  { from, shift, count }: { readonly from: number; readonly shift: number; readonly count: number },
  out: Uint8Array,
  to: number,
): void {
  for (let i = 0; i < count; i += 2) {
    const low = (stored[from + i]! >> shift) & 15;
    const high = (stored[from + i + 1]! >> shift) & 15;
    out[to + i / 2] = low | (high << 4);
  }
}

function placeQ4(stored: Uint8Array, out: Uint8Array): void {
  const { blockElements, blockBytes } = dtypeInfo("q4_0");
  const blocks = stored.length / blockBytes;
  const count = blockElements / 2;
  for (let block = 0; block < blocks; block++) {
    const from = block * blockBytes + 2;
    putNibbles(stored, { from, shift: 0, count }, out, block * count);
    putNibbles(stored, { from, shift: 4, count }, out, block * count + count / 2);
  }
  gather(stored, { blockBytes, from: 0, bytes: 2 }, out, blocks * count);
}

function placeQ4K(stored: Uint8Array, out: Uint8Array): void {
  const { blockElements, blockBytes } = dtypeInfo("q4_k");
  const blocks = stored.length / blockBytes;
  const nibbleBytes = blockElements / 2;
  const words = new DataView(out.buffer, out.byteOffset, out.length);
  for (let block = 0; block < blocks; block++) {
    const at = block * blockBytes;
    for (let run = 0; run < 8; run++) {
      const from = at + 16 + (run >> 1) * 32;
      putNibbles(stored, { from, shift: 4 * (run & 1), count: 32 }, out, block * nibbleBytes + run * 16);
    }
    const header = blocks * nibbleBytes + block * 16;
    out.set(stored.subarray(at, at + 4), header);
    let [scales, minimums, upper] = [0, 0, 0];
    for (let group = 0; group < 8; group++) {
      const [scale, minimum] = factorsOf(stored, at, group);
      scales |= (scale & 15) << (4 * group);
      minimums |= (minimum & 15) << (4 * group);
      upper |= ((scale >> 4) << (2 * group)) | ((minimum >> 4) << (16 + 2 * group));
    }
    words.setUint32(header + 4, scales, true);
    words.setUint32(header + 8, minimums, true);
    words.setUint32(header + 12, upper, true);
  }
}

function placeQ6K(stored: Uint8Array, out: Uint8Array): void {
  const { blockElements, blockBytes } = dtypeInfo("q6_k");
  const blocks = stored.length / blockBytes;
  const lowerBytes = blockElements / 2;
  const upperBytes = blockElements / 4;
  for (let block = 0; block < blocks; block++) {
    const at = block * blockBytes;
    for (let quarter = 0; quarter < 8; quarter++) {
      const half = quarter >> 2;
      const from = at + 64 * half + 32 * (quarter & 1);
      const shift = quarter & 2 ? 4 : 0;
      putNibbles(stored, { from, shift, count: 32 }, out, block * lowerBytes + quarter * 16);
      const upperFrom = at + 128 + 32 * half;
      const upperTo = blocks * lowerBytes + block * upperBytes + quarter * 8;
      for (let i = 0; i < 32; i++) {
        const bits = (stored[upperFrom + i]! >> (2 * (quarter & 3))) & 3;
        out[upperTo + (i >> 2)]! |= bits << (2 * (i & 3));
      }
    }
  }
  const scalesAt = blocks * (lowerBytes + upperBytes);
  gather(stored, { blockBytes, from: 192, bytes: 16 }, out, scalesAt);
  gather(stored, { blockBytes, from: 208, bytes: 2 }, out, scalesAt + blocks * 16);
}
