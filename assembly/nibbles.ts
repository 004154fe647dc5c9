/**
 * Panels of numbers of four bits: of four columns, each of eight words of 16 bits has a pair of rows' numbers, so that shifts
 * alone unpack them. Word 2 r + e has, from its lowest bits on, column e of row r and of row r + 4, then column e + 2 of both.
 */
import { panelRows } from "./panel";
import { stagingAddress } from "./places";
import { transpose4 } from "./transpose";

/** Bytes of 32 columns of a panel. */
export const nibbleBlockBytes: usize = 128;

/** Exchanges the middle two of four bytes. */
@inline
export function swapMiddle(v: v128): v128 {
  return v128.shuffle<i8>(v, v, 0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);
}

/** Where the byte of a column stands in a word pair of its four. */
@inline
export function placeInFour(column: i32): usize {
  return (<usize>(column & 1) << 1) | (<usize>(column >> 1) & 1);
}

/** Writes 32 columns of the staged rows, which are those from `lane` on. */
export function packNibbles(to: usize, lane: i32, rows: i32): void {
  if (rows == panelRows) {
    for (let half: usize = 0; half < 32; half += 16)
      transpose4(twoRows(half), twoRows(half + 32), twoRows(half + 64), twoRows(half + 96), to + (half << 2));
    return;
  }
  for (let r = 0; r < rows; r++) {
    const row = lane + r;
    const shift = <u32>(row & 4);
    for (let column = 0; column < 32; column++) {
      const at = to + (<usize>(column >> 2) << 4) + (<usize>(row & 3) << 2) + placeInFour(column);
      const number = <u32>load<u8>(stagingAddress + <usize>(32 * r + column));
      store<u8>(at, (<u32>load<u8>(at) & (0xf0 >> shift)) | (number << shift));
    }
  }
}

/** 16 columns of a staged row, and above them those of the fourth row behind it. */
@inline
function twoRows(at: usize): v128 {
  const low = v128.load(stagingAddress + at);
  return swapMiddle(v128.or(low, i8x16.shl(v128.load(stagingAddress + 128 + at), 4)));
}

/** Numbers of `columns` columns as [columns / 2][8][2] in i16. */
export function unpackNibbles(from: usize, columns: i32, out: usize): void {
  for (const end = from + (<usize>columns << 2); from < end; from += 16, out += 64) {
    const words = v128.load(from);
    v128.store(out, i16x8.shr_u(i16x8.shl(words, 12), 12));
    v128.store(out, i16x8.shr_u(i16x8.shl(words, 8), 12), 16);
    v128.store(out, i16x8.shr_u(i16x8.shl(words, 4), 12), 32);
    v128.store(out, i16x8.shr_u(words, 12), 48);
  }
}

/** The same of numbers with a sign. */
export function unpackSignedNibbles(from: usize, columns: i32, out: usize): void {
  for (const end = from + (<usize>columns << 2); from < end; from += 16, out += 64) {
    const words = v128.load(from);
    v128.store(out, i16x8.shr_s(i16x8.shl(words, 12), 12));
    v128.store(out, i16x8.shr_s(i16x8.shl(words, 8), 12), 16);
    v128.store(out, i16x8.shr_s(i16x8.shl(words, 4), 12), 32);
    v128.store(out, i16x8.shr_s(words, 12), 48);
  }
}
