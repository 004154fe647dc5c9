/**
 * The microkernels: a tile of up to four rows by eight columns, added to `sums`, [4][8] in f32. Each sum runs over the columns
 * of the weight in order, whatever the tile, so the bits of a row do not depend on its neighbours. 4 × 8 sums and what they
 * are made of fit into 16 registers; larger tiles spill in Node 20.
 */
import { multiplyAdd } from "./math";

/**
 * @param x packed rows, [columns][4]
 * @param w columns of a panel, [columns][8]
 * @param rows 1 to 4: what the others hold is not read
 */
@inline
export function tileF32(x: usize, w: usize, columns: i32, rows: i32, sums: usize): void {
  if (rows > 2) fourF32(x, w, columns, sums);
  else if (rows == 2) twoF32(x, w, columns, sums);
  else oneF32(x, w, columns, sums);
}

/** Bytes of a panel's columns in an inner loop: V8 unrolls it, and keeps addresses in registers, only within another loop. */
const innerBytes: usize = 2048;

function fourF32(x: usize, w: usize, columns: i32, sums: usize): void {
  let a0 = v128.load(sums);
  let a1 = v128.load(sums, 16);
  let b0 = v128.load(sums, 32);
  let b1 = v128.load(sums, 48);
  let c0 = v128.load(sums, 64);
  let c1 = v128.load(sums, 80);
  let d0 = v128.load(sums, 96);
  let d1 = v128.load(sums, 112);
  for (const end = w + (<usize>columns << 5); w < end; ) {
    for (const stop = min(w + innerBytes, end); w < stop; w += 32, x += 16) {
      const p = v128.load(w);
      const q = v128.load(w, 16);
      let s = v128.load_splat<f32>(x);
      a0 = multiplyAdd(s, p, a0);
      a1 = multiplyAdd(s, q, a1);
      s = v128.load_splat<f32>(x, 4);
      b0 = multiplyAdd(s, p, b0);
      b1 = multiplyAdd(s, q, b1);
      s = v128.load_splat<f32>(x, 8);
      c0 = multiplyAdd(s, p, c0);
      c1 = multiplyAdd(s, q, c1);
      s = v128.load_splat<f32>(x, 12);
      d0 = multiplyAdd(s, p, d0);
      d1 = multiplyAdd(s, q, d1);
    }
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, b0, 32);
  v128.store(sums, b1, 48);
  v128.store(sums, c0, 64);
  v128.store(sums, c1, 80);
  v128.store(sums, d0, 96);
  v128.store(sums, d1, 112);
}

function twoF32(x: usize, w: usize, columns: i32, sums: usize): void {
  let a0 = v128.load(sums);
  let a1 = v128.load(sums, 16);
  let b0 = v128.load(sums, 32);
  let b1 = v128.load(sums, 48);
  for (const end = w + (<usize>columns << 5); w < end; w += 32, x += 16) {
    const p = v128.load(w);
    const q = v128.load(w, 16);
    let s = v128.load_splat<f32>(x);
    a0 = multiplyAdd(s, p, a0);
    a1 = multiplyAdd(s, q, a1);
    s = v128.load_splat<f32>(x, 4);
    b0 = multiplyAdd(s, p, b0);
    b1 = multiplyAdd(s, q, b1);
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, b0, 32);
  v128.store(sums, b1, 48);
}

function oneF32(x: usize, w: usize, columns: i32, sums: usize): void {
  let a0 = v128.load(sums);
  let a1 = v128.load(sums, 16);
  for (const end = w + (<usize>columns << 5); w < end; w += 32, x += 16) {
    const s = v128.load_splat<f32>(x);
    a0 = multiplyAdd(s, v128.load(w), a0);
    a1 = multiplyAdd(s, v128.load(w, 16), a1);
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
}

/**
 * The same for blocks of 32 integers, i8 or i16: exact sums within a block, then the block's scales.
 * @param x packed rows, [columns / 2][4][2]
 * @param xScales [blocks][4]
 * @param w columns of a panel, [columns / 2][8][2]
 * @param wScales [blocks][8]
 */
@inline
export function tileIntegers<T>(
  x: usize,
  xScales: usize,
  w: usize,
  wScales: usize,
  blocks: i32,
  rows: i32,
  sums: usize,
): void {
  if (rows > 2) fourIntegers<T>(x, xScales, w, wScales, blocks, sums);
  else if (rows == 2) twoIntegers<T>(x, xScales, w, wScales, blocks, sums);
  else oneIntegers<T>(x, xScales, w, wScales, blocks, sums);
}

/** Eight integers in i16. */
@inline
function eight<T>(at: usize): v128 {
  return sizeof<T>() == 1 ? v128.load_ext<i8>(at) : v128.load(at);
}
/** The next eight. V8 makes an offset part of the instruction of a plain load alone; for others it takes a register more. */
@inline
function nextEight<T>(at: usize): v128 {
  return sizeof<T>() == 1 ? v128.load_ext<i8>(at + 8) : v128.load(at, 16);
}

/** Adds a block's integer sums, times the scales, to a row of `sums`. */
@inline
function addScaled(sums: usize, low: v128, high: v128, x: v128, wLow: v128, wHigh: v128): void {
  v128.store(sums, multiplyAdd(f32x4.convert_i32x4_s(low), f32x4.mul(x, wLow), v128.load(sums)));
  v128.store(sums, multiplyAdd(f32x4.convert_i32x4_s(high), f32x4.mul(x, wHigh), v128.load(sums, 16)), 16);
}

function fourIntegers<T>(x: usize, xScales: usize, w: usize, wScales: usize, blocks: i32, sums: usize): void {
  for (let block = 0; block < blocks; block++, wScales += 32, xScales += 16) {
    let a0 = i32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    for (const end = w + 256 * sizeof<T>(); w < end; w += 16 * sizeof<T>(), x += 16) {
      const p = eight<T>(w);
      const q = nextEight<T>(w);
      let s = v128.load_splat<i32>(x);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(p, s));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(q, s));
      s = v128.load_splat<i32>(x, 4);
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(p, s));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(q, s));
      s = v128.load_splat<i32>(x, 8);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(p, s));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(q, s));
      s = v128.load_splat<i32>(x, 12);
      d0 = i32x4.add(d0, i32x4.dot_i16x8_s(p, s));
      d1 = i32x4.add(d1, i32x4.dot_i16x8_s(q, s));
    }
    const low = v128.load(wScales);
    const high = v128.load(wScales, 16);
    addScaled(sums, a0, a1, v128.load_splat<f32>(xScales), low, high);
    addScaled(sums + 32, b0, b1, v128.load_splat<f32>(xScales, 4), low, high);
    addScaled(sums + 64, c0, c1, v128.load_splat<f32>(xScales, 8), low, high);
    addScaled(sums + 96, d0, d1, v128.load_splat<f32>(xScales, 12), low, high);
  }
}

function twoIntegers<T>(x: usize, xScales: usize, w: usize, wScales: usize, blocks: i32, sums: usize): void {
  for (let block = 0; block < blocks; block++, wScales += 32, xScales += 16) {
    let a0 = i32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    for (const end = w + 256 * sizeof<T>(); w < end; w += 16 * sizeof<T>(), x += 16) {
      const p = eight<T>(w);
      const q = nextEight<T>(w);
      let s = v128.load_splat<i32>(x);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(p, s));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(q, s));
      s = v128.load_splat<i32>(x, 4);
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(p, s));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(q, s));
    }
    const low = v128.load(wScales);
    const high = v128.load(wScales, 16);
    addScaled(sums, a0, a1, v128.load_splat<f32>(xScales), low, high);
    addScaled(sums + 32, b0, b1, v128.load_splat<f32>(xScales, 4), low, high);
  }
}

function oneIntegers<T>(x: usize, xScales: usize, w: usize, wScales: usize, blocks: i32, sums: usize): void {
  for (let block = 0; block < blocks; block++, wScales += 32, xScales += 16) {
    let a0 = i32x4.splat(0);
    let a1 = a0;
    for (const end = w + 256 * sizeof<T>(); w < end; w += 16 * sizeof<T>(), x += 16) {
      const s = v128.load_splat<i32>(x);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(eight<T>(w), s));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(nextEight<T>(w), s));
    }
    addScaled(sums, a0, a1, v128.load_splat<f32>(xScales), v128.load(wScales), v128.load(wScales, 16));
  }
}
