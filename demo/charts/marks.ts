/** The marks of a chart: an upright line where each lane's playback is. They are elements above the chart, which need no drawing. */
import type uPlot from "uplot";
import { laneNames } from "../run/index.ts";

/** @param forwards by lane */
export function placeMarks(chart: uPlot, forwards: readonly number[]): void {
  const marks = chart.over.querySelectorAll<HTMLElement>(".chart-mark");
  for (const [lane, forward] of forwards.entries()) {
    const mark = marks[lane] ?? addMark(chart, lane);
    mark.style.transform = `translateX(${chart.valToPos(forward, "x")}px)`;
  }
}

function addMark(chart: uPlot, lane: number): HTMLElement {
  const mark = document.createElement("div");
  mark.className = "chart-mark";
  mark.dataset["lane"] = laneNames[lane]!;
  chart.over.append(mark);
  return mark;
}
