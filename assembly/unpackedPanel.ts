/**
 * Some columns of a panel as the microkernels read them, in memory of the thread that stays in its first cache: f32 as
 * [columns][8]; of quantized types integers as [columns / 2][8][2], i8 of Q8_0 and i16 of the others, and for each block of 32
 * columns scales, and for Q4_K what is added to all of its numbers, in f32 as [blocks][8].
 */
import { unpacked } from "./control";
import { DType } from "./dtype";
import { scaleBytes, widenHalves, widenScales } from "./halves";
import { minimumsPlace, numbersPlace, scalesPlace } from "./panel";
import { unpackQ4 } from "./q4";
import { unpackQ4K } from "./q4k";
import { unpackQ6K } from "./q6k";

/** The scales of the unpacked columns. */
@inline
export function scales(): usize {
  return unpacked + scalesPlace;
}

/** The negative minimums of the unpacked columns. */
@inline
export function minimums(): usize {
  return unpacked + minimumsPlace;
}

/**
 * Unpacks columns [start, start + count) of a panel.
 * @returns the address of its numbers
 */
export function unpackPanel(dtype: i32, panel: usize, columns: i32, start: i32, count: i32): usize {
  switch (dtype) {
    case DType.f32:
      return panel + numbersPlace(dtype, start);
    case DType.q8_0:
      widenScales(panel, start, count, scales());
      return panel + scaleBytes(columns) + numbersPlace(dtype, start);
    case DType.q4_0:
      unpackQ4(panel, columns, start, count, unpacked, scales());
      break;
    case DType.q4_k:
      unpackQ4K(panel, columns, start, count, unpacked, scales(), minimums());
      break;
    case DType.q6_k:
      unpackQ6K(panel, columns, start, count, unpacked, scales());
      break;
    default:
      widenHalves(dtype, panel + numbersPlace(dtype, start), count, unpacked);
  }
  return unpacked;
}
