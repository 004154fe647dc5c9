/** A web worker that serves models/tiny. */
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine } from "../../src/core/index.ts";
import { serveEngine } from "../../src/remote/index.ts";
import { tinyModel } from "../support/tinyModel.ts";

void serveEngine(self, (loading) => Engine.load(tinyModel(), { backend: cpu(), ...loading })).then(() =>
  self.close(),
);
