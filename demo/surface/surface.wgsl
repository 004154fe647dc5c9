// Draws a run as a lit surface. Vertices are made of their indices as geometry.ts has them; x is the position, z the frame, y the
// confidence, all in the units of the grid.

struct View {
  // From the units of the grid into the picture.
  matrix: mat4x4f,
  // From the units of the grid into the world, less the place of the middle.
  scale: vec3f,
  bevel: f32,
  // Of the camera, in the units of the grid.
  eye: vec3f,
  // The frame that is shown.
  current: f32,
  columns: u32,
  rows: u32,
  // Column and row of the pointer; -1 where it is beside the surface.
  pointedColumn: f32,
  pointedRow: f32,
  mask: vec4f,
  ridge: vec4f,
  shownFrame: vec4f,
  pointer: vec4f,
  // Of the light from everywhere, of the key light, and how dark the shadow on the ground is.
  ambient: f32,
  key: f32,
  shadow: f32,
}

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read> heights: array<f32>;
@group(0) @binding(2) var<storage, read> colors: array<u32>;

struct Corner {
  @builtin(position) position: vec4f,
  @location(0) grid: vec3f,
  @location(1) color: vec3f,
}

// Two triangles of a square.
const corners = array(vec2u(0, 0), vec2u(1, 0), vec2u(0, 1), vec2u(0, 1), vec2u(1, 0), vec2u(1, 1));

// An instance is the strip between two rows of vertices.
@vertex
fn surfaceVertex(@builtin(vertex_index) index: u32, @builtin(instance_index) strip: u32) -> Corner {
  let at = vec2u(index / 6, strip) + corners[index % 6];
  let last = vec2u(2 * view.columns + 1, view.rows + 1);
  let edge = clamp(i32(at.x) - 1, 0, i32(2 * view.columns) - 1);
  let row = clamp(i32(at.y) - 1, 0, i32(view.rows) - 1);
  let column = edge / 2;
  let x = f32(column) + select(1 - view.bevel, view.bevel, edge % 2 == 0);
  let isFoot = any(at == vec2u(0)) || any(at == last);
  let cell = row * i32(view.columns) + column;
  let grid = vec3f(x, select(heights[cell], 0.0, isFoot), f32(row));
  return Corner(view.matrix * vec4f(grid, 1), grid, unpack4x8unorm(colors[cell]).rgb);
}

const keyLight = vec3f(-0.42, 0.78, 0.46);

@fragment
fn surfaceFragment(corner: Corner) -> @location(0) vec4f {
  let grid = corner.grid;
  let world = grid * view.scale;
  let facing = cross(dpdx(world), dpdy(world));
  let toEye = normalize((view.eye - grid) * view.scale);
  var normal = facing / max(length(facing), 1e-12);
  normal = select(-normal, normal, dot(normal, toEye) > 0);
  let perPixel = max(fwidth(grid.z), 1e-6);
  let isWall = perPixel < 1e-4;

  // Frames that come after the shown one have no colour yet.
  let isLater = smoothstep(-0.5, 0.5, (grid.z - view.current) / perPixel);
  var base = mix(corner.color, view.mask.rgb, 0.66 * isLater);

  // The position under the pointer, and its cell.
  let isColumn = view.pointedColumn == floor(grid.x);
  let isCell = isColumn && abs(grid.z - view.pointedRow) <= 0.5;
  base = mix(base, view.pointer.rgb, select(select(0.0, 0.16, isColumn), 0.6, isCell));

  // Half Lambert: the side away from the light is darker, and not black.
  let light = pow(0.5 + 0.5 * dot(normal, normalize(keyLight)), 1.6);
  let sky = 0.75 + 0.25 * normal.y;
  let depthOfValley = mix(0.82, 1.0, smoothstep(0.0, 0.5, grid.y));
  let halfway = normalize(toEye + normalize(keyLight));
  let gloss = 0.07 * pow(max(dot(normal, halfway), 0.0), 28.0);
  var color = base * depthOfValley * (view.ambient * sky + view.key * light) + gloss;

  // A ridge along each frame, where frames are far enough from one another to be told apart.
  let fromRidge = abs(fract(grid.z + 0.5) - 0.5) / perPixel;
  let ridge = (1 - smoothstep(0.35, 1.25, fromRidge)) * smoothstep(2.5, 9.0, 1 / perPixel);
  color = mix(color, view.ridge.rgb, select(0.34 * ridge, 0.0, isWall));
  let fromShown = abs(grid.z - view.current) / perPixel;
  color = mix(color, view.shownFrame.rgb, select(1 - smoothstep(1.0, 2.2, fromShown), 0.0, isWall));
  return vec4f(color, 1);
}

// A pane of glass at the shown frame.
@vertex
fn paneVertex(@builtin(vertex_index) index: u32) -> Corner {
  let corner = vec2f(corners[index]);
  let grid = vec3f(corner.x * f32(view.columns), corner.y * 1.12, view.current);
  return Corner(view.matrix * vec4f(grid, 1), grid, view.shownFrame.rgb);
}

@fragment
fn paneFragment(corner: Corner) -> @location(0) vec4f {
  let perPixel = fwidth(corner.grid.y);
  let edge = 1 - smoothstep(0.8, 1.8, (1.12 - corner.grid.y) / max(perPixel, 1e-6));
  let alpha = mix(0.03 + 0.07 * corner.grid.y, 0.7, edge);
  return vec4f(corner.color * alpha, alpha);
}

// The ground, with the block's soft shadow.
const margin = 0.34;

@vertex
fn groundVertex(@builtin(vertex_index) index: u32) -> Corner {
  let size = vec3f(f32(view.columns), 0, f32(max(view.rows, 2) - 1));
  let out = vec2f(margin) / abs(view.scale.xz);
  let corner = vec2f(corners[index]);
  let place = mix(-out, size.xz + out, corner);
  let grid = vec3f(place.x, -0.004, place.y);
  return Corner(view.matrix * vec4f(grid, 1), grid, vec3f(0));
}

@fragment
fn groundFragment(corner: Corner) -> @location(0) vec4f {
  let size = vec2f(f32(view.columns), f32(max(view.rows, 2) - 1));
  let outside = max(-corner.grid.xz, corner.grid.xz - size) * abs(view.scale.xz);
  let away = length(max(outside, vec2f(0)));
  let near = 1 - smoothstep(0.0, margin, away);
  return vec4f(0, 0, 0, view.shadow * near * near * near);
}
