// Counts the calls of a device, and the steps of a generation.
const replace = (object, name, value) => Object.defineProperty(object, name, { value, configurable: true });

/** Counts the calls of an injected device. */
export function counting(device) {
  const counts = { dispatches: 0, submits: 0, maps: 0 };
  const wrap = (object, name, make) => replace(object, name, make(object[name].bind(object)));
  wrap(device, "createCommandEncoder", (make) => (...values) => {
    const encoder = make(...values);
    wrap(encoder, "beginComputePass", (begin) => (...described) => {
      const pass = begin(...described);
      wrap(pass, "dispatchWorkgroups", (dispatch) => (...size) => {
        counts.dispatches++;
        dispatch(...size);
      });
      return pass;
    });
    return encoder;
  });
  const { queue } = device;
  wrap(queue, "submit", (submit) => (commands) => {
    counts.submits++;
    submit(commands);
  });
  replace(device, "queue", queue);
  wrap(device, "createBuffer", (make) => (descriptor) => {
    const buffer = make(descriptor);
    wrap(buffer, "mapAsync", (map) => (...values) => {
      counts.maps++;
      return map(...values);
    });
    return buffer;
  });
  return { device, counts };
}

/** Runs a generation. Returns the number of its decode steps and their time in milliseconds. */
export async function steps(engine, request) {
  let count = 0;
  let decodeMs = 0;
  for await (const event of engine.generate(request)) {
    if (event.type === "step") count++;
    if (event.type === "done") ({ decodeMs } = event.usage);
  }
  return { count, decodeMs };
}
