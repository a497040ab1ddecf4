import { render } from "preact";
import { App } from "./App";
import { watchSystem } from "./live/system";
import { listenForNavigation } from "./router";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/views.css";

listenForNavigation();
watchSystem();
render(<App />, document.getElementById("page")!);
