requires packed_4x8_integer_dot_product;
// include: int8Weights
// include: sums
// include: gate
// The products of include/products.wgsl with rows in int8, as quantizeRows.wgsl writes them, and a weight of q8_0 or q4_0:
// dots of 32 bytes in integers, times the scales of both blocks, added in f32 in the order of the blocks.
alias Input = u32;
override tile_m: u32;
override tile_n: u32;
/// Blocks that pass through workgroup memory at a time, and their words a row.
const tile_blocks = 2u;
const tile_words = 8u * tile_blocks;

/// Words of four rows, and scales of four rows. One more than needed keeps lanes of one word on different banks.
var<workgroup> x_tile: array<vec4<u32>, tile_words * (tile_m / 4u + 1u)>;
var<workgroup> w_tile: array<vec4<u32>, tile_words * (tile_n / 4u + 1u)>;
var<workgroup> x_scales: array<vec4<f32>, tile_blocks * (tile_m / 4u)>;
var<workgroup> w_scales: array<vec4<f32>, tile_blocks * (tile_n / 4u)>;
var<workgroup> tile_rows: array<u32, tile_m>;

fn tile_columns() -> u32 { return tile_n; }

fn x_word(row: u32, word: u32, in_features: u32) -> u32 {
  if (row == NONE || word * 4u >= in_features) { return 0u; }
  return x[row * (in_features / 32u * 9u) + word];
}
fn x_scale(row: u32, block: u32, in_features: u32) -> f32 {
  if (row == NONE || block * 32u >= in_features) { return 0.0; }
  return bitcast<f32>(x[row * (in_features / 32u * 9u) + in_features / 4u + block]);
}
/// Rows from `limit` on count as zero, and so do columns beyond the last.
fn w_word(row: u32, word: u32, limit: u32) -> u32 {
  if (row >= limit || word >= p.stride) { return 0u; }
  return weight_word(row, word);
}
fn w_scale(row: u32, block: u32, limit: u32) -> f32 {
  if (row >= limit || block * 8u >= p.stride) { return 0.0; }
  return weight_scale(row, block);
}

fn products(lane: u32, at: WeightRows, in_features: u32, begin: u32, end: u32, chunk: u32) -> Sums {
  if (lane < tile_m) { tile_rows[lane] = tile_row(lane); }
  workgroupBarrier();
  let sums = chunked(lane, at.first, at.limit, in_features, begin, end, chunk);
  if (!gated) { return sums; }
  return gate_tile(sums, chunked(lane, at.up_first, at.up_limit, in_features, begin, end, chunk));
}

fn chunked(lane: u32, first: u32, limit: u32, in_features: u32, begin: u32, end: u32, chunk: u32) -> Sums {
  var total = no_sums();
  for (var at = begin; at < end; at += chunk) {
    total = add_sums(total, tile_product(lane, first, limit, in_features, at / 32u, min(at + chunk, end) / 32u));
  }
  return total;
}

/// Of the blocks [begin, end).
fn tile_product(lane: u32, first: u32, limit: u32, in_features: u32, begin: u32, end: u32) -> Sums {
  var sums = no_sums();
  let across = tile_n / 4u;
  let column = lane % across;
  let row = lane / across;
  for (var block0 = begin; block0 < end; block0 += tile_blocks) {
    for (var at = lane; at < tile_m / 4u * tile_words; at += 64u) {
      let word = at % tile_words;
      let four = at / tile_words;
      x_tile[word * (tile_m / 4u + 1u) + four] = vec4<u32>(
        x_word(tile_rows[four * 4u], block0 * 8u + word, in_features),
        x_word(tile_rows[four * 4u + 1u], block0 * 8u + word, in_features),
        x_word(tile_rows[four * 4u + 2u], block0 * 8u + word, in_features),
        x_word(tile_rows[four * 4u + 3u], block0 * 8u + word, in_features),
      );
    }
    for (var at = lane; at < tile_n / 4u * tile_words; at += 64u) {
      let word = at % tile_words;
      let four = at / tile_words;
      let n = first + four * 4u;
      w_tile[word * (tile_n / 4u + 1u) + four] = vec4<u32>(
        w_word(n, block0 * 8u + word, limit),
        w_word(n + 1u, block0 * 8u + word, limit),
        w_word(n + 2u, block0 * 8u + word, limit),
        w_word(n + 3u, block0 * 8u + word, limit),
      );
    }
    if (lane < tile_blocks * (tile_m / 4u)) {
      let block = block0 + lane / (tile_m / 4u);
      let four = lane % (tile_m / 4u) * 4u;
      x_scales[lane] = vec4<f32>(
        x_scale(tile_rows[four], block, in_features),
        x_scale(tile_rows[four + 1u], block, in_features),
        x_scale(tile_rows[four + 2u], block, in_features),
        x_scale(tile_rows[four + 3u], block, in_features),
      );
    }
    if (lane < tile_blocks * (tile_n / 4u)) {
      let block = block0 + lane / (tile_n / 4u);
      let n = first + lane % (tile_n / 4u) * 4u;
      w_scales[lane] = vec4<f32>(
        w_scale(n, block, limit), w_scale(n + 1u, block, limit), w_scale(n + 2u, block, limit), w_scale(n + 3u, block, limit),
      );
    }
    workgroupBarrier();
    for (var block = 0u; block < min(tile_blocks, end - block0); block++) {
      var dots0 = vec4<i32>(0);
      var dots1 = vec4<i32>(0);
      var dots2 = vec4<i32>(0);
      var dots3 = vec4<i32>(0);
      for (var word = block * 8u; word < block * 8u + 8u; word++) {
        let a = x_tile[word * (tile_m / 4u + 1u) + row];
        let b = w_tile[word * (tile_n / 4u + 1u) + column];
        dots0 += dots_of(a.x, b);
        dots1 += dots_of(a.y, b);
        dots2 += dots_of(a.z, b);
        dots3 += dots_of(a.w, b);
      }
      let scales = x_scales[block * (tile_m / 4u) + row];
      let weight_scales = w_scales[block * (tile_n / 4u) + column];
      sums.row0 += scales.x * weight_scales * vec4<f32>(dots0);
      sums.row1 += scales.y * weight_scales * vec4<f32>(dots1);
      sums.row2 += scales.z * weight_scales * vec4<f32>(dots2);
      sums.row3 += scales.w * weight_scales * vec4<f32>(dots3);
    }
    workgroupBarrier();
  }
  return sums;
}

fn dots_of(a: u32, b: vec4<u32>) -> vec4<i32> {
  return vec4<i32>(dot4I8Packed(a, b.x), dot4I8Packed(a, b.y), dot4I8Packed(a, b.z), dot4I8Packed(a, b.w));
}

// include: putSums
