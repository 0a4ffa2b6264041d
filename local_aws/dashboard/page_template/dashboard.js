// ---- what is chosen --------------------------------------------------------------------------------------------

let dimension = null;

function lineOf(item) {
  return data.lines.find((line) => line.item === item.item && line.dimension === dimension);
}

const all = { times: data.times, forecastStart: data.forecastStart };
const horizon = all.times.length - all.forecastStart;
const recent = Math.max(0, all.forecastStart - Math.max(5 * horizon, 60));
let from = recent;

/** A line over the periods that the chart shows now; data.times and data.forecastStart are of these. */
function shownPart(line) {
  data.times = all.times.slice(from);
  data.forecastStart = all.forecastStart - from;
  return { history: line.history.slice(from), forecast: line.forecast, backtests: [] };
}

function offerWholeHistory() {
  if (recent === 0) return;
  const label = element("label");
  const box = element("input");
  box.type = "checkbox";
  box.addEventListener("change", () => {
    from = box.checked ? 0 : recent;
    showItem(data.items[chosen]);
  });
  label.append(box, "whole history");
  byId("legend").append(label);
}

const sentenceOf = (line) => line.wape === null
  ? "No actual values in the backtest windows to measure this against."
  : `Off by ${percent(line.wape)} of the total in tests; seasonal naive: ${percent(line.naiveWape)}.`;

/** What the lines are a sum of, since a sum of quantiles is no quantile of the sum. */
function noteOf(item) {
  const several = item.item === null ? data.itemCount > 1 || data.dimensionCount > 1 : dimension === null && data.dimensionCount > 1;
  return several ? "A sum over series: its band is the sum of theirs, wider than one of the total would be." : "";
}

function showItem(item) {
  const line = lineOf(item);
  const where = dimension === null || dimension === "" ? "" : ` · ${dimension}`;
  byId("item-name").textContent = item.name + where;
  byId("item-accuracy").textContent = line ? sentenceOf(line) : "There is no such series among those that this page holds.";
  byId("item-note").textContent = line ? noteOf(item) : "";
  const nothing = { history: [], forecast: { line: Array(horizon).fill(null) } };
  showInChart(shownPart(line || nothing), `History and forecast of ${item.name}${where}; arrow keys read values`);
  for (const fill of tables) fill(item.item);
}

function fillFilters() {
  const [, filter] = data.filters;
  if (data.dimensionCount < 2) return;
  byId("dimension-label").textContent = filter.label;
  const select = byId("dimension");
  const dimensions = data.lines.filter((line) => line.item === null && line.dimension !== null).map((line) => line.dimension);
  for (const [value, text] of [["", "All"], ...dimensions.sort().map((each, place) => [String(place + 1), each || "(none)"])]) {
    const option = element("option", text);
    option.value = value;
    select.append(option);
  }
  select.addEventListener("change", () => {
    dimension = select.value === "" ? null : dimensions[Number(select.value) - 1];
    showItem(data.items[chosen]);
  });
  byId("dimension-filter").hidden = false;
}

// ---- other visuals ---------------------------------------------------------------------------------------------

const tables = [];
const trends = [];

function card(visual) {
  const made = element("section", undefined, "card visual");
  made.style.setProperty("--span", visual.span);
  const title = made.appendChild(element("h2", visual.title));
  title.id = `title-${visual.id}`;
  made.setAttribute("aria-labelledby", title.id);
  return made;
}

function figure(visual) {
  const made = card(visual);
  made.append(element("p", percent(visual.value), "figure"));
  const compared = made.appendChild(element("p", undefined, "compared"));
  if (visual.value === null) {
    compared.textContent = "There were no actual values to measure it against.";
  } else if (visual.target) {
    const change = 1 - visual.value / visual.target;
    const judged = Math.abs(change) < 0.005 ? "the same" : `${percent(Math.abs(change), 0)} ${change > 0 ? "less" : "more"}`;
    compared.append(`against ${percent(visual.target)}: `, element("span", judged, change > 0 ? "better" : "worse"));
  } else if (data.bandShare !== null) {
    compared.append(`between ${data.low} and ${data.high}, which should hold ${percent(data.bandShare, 0)}`);
  }
  return made;
}

const MOST_ROWS = 50;

function table(visual) {
  const made = card(visual);
  const box = made.appendChild(element("div", undefined, "rows"));
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", `Rows: ${visual.title}`);
  const grid = box.appendChild(element("table"));
  const head = grid.appendChild(element("thead")).appendChild(element("tr"));
  for (const column of visual.columns) head.appendChild(element("th", column.label)).scope = "col";
  const body = grid.appendChild(element("tbody"));
  const rest = made.appendChild(element("p", undefined, "rest"));
  tables.push((item) => {
    const rows = visual.rows.filter(({ keys }) =>
      (item === null || keys[0] === item) && (dimension === null || keys[1] === dimension));
    body.replaceChildren(...rows.slice(0, MOST_ROWS).map(({ cells }) => {
      const row = element("tr");
      cells.forEach((cell, place) => {
        const { percent: isPercent } = visual.columns[place];
        const text = typeof cell === "string" ? cell : isPercent ? percent(cell) : cell === null ? "–" : whole.format(cell);
        row.appendChild(element(place === 0 ? "th" : "td", text));
      });
      row.firstChild.scope = "row";
      return row;
    }));
    const all = item === null && dimension === null ? visual.rowCount : rows.length;
    rest.textContent = all > MOST_ROWS ? `The first ${MOST_ROWS} of ${whole.format(all)}.` : "";
  });
  return made;
}

function trend(visual) {
  const made = card(visual);
  const box = made.appendChild(element("div", undefined, "small-chart"));
  const legend = made.appendChild(element("div", undefined, "legend"));
  visual.lines.forEach((line, place) => {
    const entry = legend.appendChild(element("span"));
    entry.append(element("i", undefined, place ? "swatch-second" : "swatch-forecast"), line.label);
  });
  const details = made.appendChild(element("details"));
  details.append(element("summary", "The runs in numbers"));
  const grid = details.appendChild(element("table"));
  const head = grid.appendChild(element("thead")).appendChild(element("tr"));
  for (const name of ["Published", ...visual.lines.map((line) => line.label)]) head.appendChild(element("th", name)).scope = "col";
  const body = grid.appendChild(element("tbody"));
  visual.times.forEach((time, place) => {
    const row = body.appendChild(element("tr"));
    row.append(element("td", time.slice(0, 16)), ...visual.lines.map((line) => element("td", percent(line.values[place]))));
  });
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", `${visual.title}, ${plural(visual.times.length, "run")}`);
  trends.push(() => drawTrend(visual, box));
  return made;
}

function drawTrend(visual, box) {
  const known = visual.lines.flatMap((line) => line.values).filter((value) => value !== null);
  const digits = Math.max(...known) - Math.min(...known) < 0.05 ? 2 : 1;
  const { width, height } = sizeOf(box);
  const drawn = scalesFor(known, visual.times, width, height, (value) => percent(value, digits));
  const svg = drawing(drawn);
  drawAxes(svg, drawn);
  visual.lines.forEach((line, place) => {
    const name = place ? "second" : "first";
    svg.appendChild(shape("path", { class: name, d: linePath(drawn, line.values, 0) }));
    line.values.forEach((value, index) => {
      if (value !== null) svg.appendChild(shape("circle", { class: `${name}-dot`, cx: drawn.x(index), cy: drawn.y(value), r: 3.5 }));
    });
  });
  replaceDrawing(box, svg);
}

const DRAWN = { KPIVisual: figure, TableVisual: table, LineChartVisual: trend };

function fillVisuals() {
  const fan = data.visuals.find((visual) => visual.id === "fan-chart");
  for (const visual of data.visuals) {
    if (visual !== fan) byId(visual.row < fan.row ? "above" : "below").append(DRAWN[visual.kind](visual));
  }
}

// ---- start -----------------------------------------------------------------------------------------------------

function fillHeader() {
  document.title = `${data.database}: dashboard`;
  byId("eyebrow").textContent = `Dashboard · published ${data.made} UTC · run ${data.run} · database ${data.database}`;
  byId("title").textContent = `${plural(data.itemCount, "item")}, ${plural(horizon, "period")} ahead`;
  const held = data.heldSeriesCount < data.seriesCount
    ? ` This page holds the ${whole.format(data.heldSeriesCount)} of ${whole.format(data.seriesCount)} series whose forecast is the largest; totals are of all.`
    : "";
  byId("verdict").textContent =
    `Forecast from ${moment(data.times[data.forecastStart] || "")} to ${moment(data.times[data.times.length - 1])}.${held}`;
}

fillHeader();
fillVisuals();
fillFilters();
fillLegend(false);
offerWholeHistory();
byId("list").append(...options);
filterList();
choose(0);
listenToList();
listenToChart();
listenToPrinting(() => [draw, ...trends].forEach((drawAgain) => drawAgain()));
for (const drawAgain of trends) drawAgain();
new ResizeObserver(() => trends.forEach((drawAgain) => drawAgain())).observe(byId("below"));
