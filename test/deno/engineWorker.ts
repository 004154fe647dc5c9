/** A web worker that serves the embedded model. */
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine } from "../../src/core/index.ts";
import { embeddedModel } from "../../src/node.ts";
import { serveEngine } from "../../src/remote/index.ts";

void serveEngine(self, (loading) => Engine.load(embeddedModel(), { backend: cpu(), ...loading })).then(() =>
  self.close(),
);
