// Sums of a lane: four rows by four columns.
struct Sums { row0: vec4<f32>, row1: vec4<f32>, row2: vec4<f32>, row3: vec4<f32> }
fn no_sums() -> Sums { return Sums(vec4<f32>(0.0), vec4<f32>(0.0), vec4<f32>(0.0), vec4<f32>(0.0)); }
fn add_sums(a: Sums, b: Sums) -> Sums { return Sums(a.row0 + b.row0, a.row1 + b.row1, a.row2 + b.row2, a.row3 + b.row3); }
