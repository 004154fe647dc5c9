// ONNX models of one product, written as protocol buffers.

/** A field of bytes or of another message. */
function field(number, bytes) {
  const body = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  return Buffer.concat([varint((number << 3) | 2), varint(body.length), body]);
}
const integer = (number, value) => Buffer.concat([varint(number << 3), varint(value)]);
const message = (...fields) => Buffer.concat(fields);

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

const types = { f32: 1, u8: 2, i8: 3, i64: 7 };

const tensor = ({ name, type, shape, bytes }) =>
  message(...shape.map((size) => integer(1, size)), integer(2, types[type]), field(8, name), field(9, bytes));

function valueInfo({ name, shape }) {
  const dimensions = shape.map((size) => field(1, integer(1, size)));
  const type = message(integer(1, types.f32), field(2, message(...dimensions)));
  return message(field(1, name), field(2, field(1, type)));
}

function node({ op, inputs, outputs, domain = "", attributes = {} }) {
  const attribute = ([name, value]) => field(5, message(field(1, name), integer(3, value), integer(20, 2)));
  return message(
    ...inputs.map((name) => field(1, name)),
    ...outputs.map((name) => field(2, name)),
    field(4, op),
    ...Object.entries(attributes).map(attribute),
    field(7, domain),
  );
}

/** @returns the bytes of a model */
export function onnxModel({ nodes, weights, inputs, outputs }) {
  const graph = message(
    ...nodes.map((each) => field(1, node(each))),
    field(2, "product"),
    ...weights.map((each) => field(5, tensor(each))),
    ...inputs.map((each) => field(11, valueInfo(each))),
    ...outputs.map((each) => field(12, valueInfo(each))),
  );
  const opset = (domain, version) => field(8, message(field(1, domain), integer(2, version)));
  return message(integer(1, 8), field(7, graph), opset("", 17), opset("com.microsoft", 1));
}
