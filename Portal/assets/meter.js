// The plot of a meter: the server's picture is replaced by one that can be dragged and zoomed. What is shown is asked for
// again at each zoom, thinned out to the width of the screen.
const host = document.getElementById("plot");
const legend = document.getElementById("plot-legend");

function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

async function load(from, to) {
  const query = new URLSearchParams({ from: iso(from), to: iso(to), points: String(Math.max(200, Math.min(host.clientWidth * 2, 2000))) });
  const answer = await fetch(`${host.dataset.series}?${query}`);
  if (!answer.ok) throw new Error(`the series was refused with ${answer.status}`);
  return answer.json();
}

function iso(date) { return new Date(Math.floor(date.getTime() / 1000) * 1000).toISOString().replace(".000Z", "Z"); }

// One row for each time at which any of the lines has a value: time, measured, baseline, [lower, mean, upper].
function rows(series) {
  const table = new Map();
  const at = (second) => {
    if (!table.has(second)) table.set(second, [new Date(second * 1000), [null, null, null], [null, null, null], [null, null, null]]);
    return table.get(second);
  };
  for (const [second, value] of series.values) at(second)[1] = value === null ? [NaN, NaN, NaN] : [value, value, value];
  for (const [second, value] of series.baseline) at(second)[2] = value === null ? [NaN, NaN, NaN] : [value, value, value];
  for (const [second, lower, mean, upper] of series.forecast) at(second)[3] = [lower, mean, upper];
  return [...table.keys()].sort((a, b) => a - b).map((second) => table.get(second));
}

function start(series) {
  let events = series.events.map((event) => [Date.parse(event.start), Date.parse(event.end)]);
  let timer = 0;
  const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  host.replaceChildren();
  host.classList.add("drawn");
  host.setAttribute("role", "img");
  host.setAttribute("aria-label", "Plot of the meter's power; the same values are in the table of readings");
  const graph = new Dygraph(host, rows(series), {
    labels: ["Time", "Measured", "Baseline", "Forecast"],
    customBars: true, connectSeparatedPoints: true, strokeWidth: 1.6, labelsKMB: false, ylabel: "",
    includeZero: true, animatedZooms: false, axisLineColor: colour("--rule"), gridLineColor: colour("--rule"),
    colors: [colour("--ink"), colour("--warn"), colour("--plan")],
    series: { Baseline: { strokePattern: [3, 3] }, Forecast: { strokePattern: [7, 3] } },
    axes: { y: { valueFormatter: (value) => `${value.toFixed(2)} kW`, axisLabelFormatter: (value) => `${+value.toPrecision(6)} kW`, axisLabelWidth: 70 } },
    underlayCallback(canvas, area, plot) {
      canvas.fillStyle = colour("--warn-soft");
      for (const [from, to] of events) {
        const left = plot.toDomXCoord(from);
        canvas.fillRect(left, area.y, Math.max(plot.toDomXCoord(to) - left, 2), area.h);
      }
    },
    highlightCallback(event, x, points) {
      const values = points.filter((point) => isFinite(point.yval)).map((point) => `${point.name} ${point.yval.toFixed(2)} kW`);
      legend.textContent = `${clock.format(new Date(x))}: ${values.join(", ")}`;
    },
    drawCallback(plot, isInitial) {
      if (isInitial) return;
      const [from, to] = plot.xAxisRange();
      const asked = `${Math.round(from)} ${Math.round(to)}`;
      if (asked === host.dataset.asked) return;
      host.dataset.asked = asked;
      clearTimeout(timer);
      timer = setTimeout(async () => {
        if (to - from < 3600e3) return;
        try {
          const finer = await load(new Date(from), new Date(to));
          events = finer.events.map((event) => [Date.parse(event.start), Date.parse(event.end)]);
          plot.updateOptions({ file: rows(finer), dateWindow: [from, to] });
        } catch (problem) { legend.textContent = problem.message; }
      }, 250);
    },
  });
  for (const input of host.querySelectorAll("input")) input.setAttribute("aria-label", "Values that are averaged");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => graph.updateOptions({
    colors: [colour("--ink"), colour("--warn"), colour("--plan")], axisLineColor: colour("--rule"), gridLineColor: colour("--rule"),
  }));
  legend.textContent = "Drag to zoom, Shift and drag to move, double click to go back.";
}

if (host && window.Dygraph) {
  // The legend is our own line of text; the library's sets style attributes, which the content policy refuses.
  Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);
  load(new Date(host.dataset.from), new Date(host.dataset.to))
    .then((series) => { if (series.values.length > 1) start(series); })
    .catch((problem) => { legend.textContent = problem.message; });
}
