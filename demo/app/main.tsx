/** The page: loads the embedded model, and shows the app. */
import { render } from "preact";
import { loadEngine } from "../engine/engineState.ts";
import { embedded } from "../engine/modelChoice.ts";
import { registerServiceWorker } from "../offline/register.ts";
import { followLinks } from "../share/linkState.ts";
import { App } from "./App.tsx";
import "./tokens.css";
import "./page.css";
import "./controls.css";
import "./models.css";
import "./stage.css";
import "./edit.css";
import "./chat.css";
import "./compare.css";
import "../share/share.css";

render(<App />, document.querySelector("#page")!);
followLinks();
void loadEngine({ model: embedded, backend: "auto" }).then(registerServiceWorker);
