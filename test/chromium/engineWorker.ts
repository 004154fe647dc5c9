/** A worker that serves the embedded model. */
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine } from "../../src/core/index.ts";
import { serveEngine } from "../../src/remote/index.ts";
import { url } from "../../src/sources/index.ts";

void serveEngine(self, (loading) => Engine.load(url("/models/tiny/"), { backend: cpu(), ...loading })).then(
  () => self.close(),
);
