// ---- what is chosen --------------------------------------------------------------------------------------------

let dimension = null;

function lineOf(item) {
  return data.lines.find((line) => line.item === item.item && line.dimension === dimension);
}

const horizon = data.times.length - data.forecastStart;
data.recent = Math.max(5 * horizon, 60);
SORTS.largest.help = "dashboard_sorted";

const sentenceOf = (line) => line.wape === null
  ? said("nothing_measured")
  : said("measured_off", { share: percent(line.wape), naive: percent(line.naiveWape) });

/** What the lines are a sum of, since a sum of quantiles is no quantile of the sum. */
function noteOf(item) {
  const several = item.total ? data.itemCount > 1 || data.dimensionCount > 1 : dimension === null && data.dimensionCount > 1;
  return several ? said("sum_over_series") : "";
}

function showItem(item) {
  const line = lineOf(item);
  const where = dimension === null || dimension === "" ? "" : ` · ${dimension}`;
  byId("item-name").textContent = item.name + where;
  byId("item-accuracy").textContent = line ? sentenceOf(line) : said("no_such_series");
  byId("item-note").textContent = line ? noteOf(item) : "";
  const isFirst = shown === null;
  shown = line || { history: [], forecast: { line: Array(horizon).fill(null) }, backtests: [] };
  if (isFirst) ZOOMS["zoom-recent"]();
  showInChart(shown, item.name + where);
  for (const fill of tables) fill(item.item);
}

function fillFilters() {
  const [, filter] = data.filters;
  if (data.dimensionCount < 2) return;
  byId("dimension-label").textContent = filter.label;
  byId("search").before(byId("dimension-filter"));
  const select = byId("dimension");
  const dimensions = data.lines.filter((line) => line.item === null && line.dimension !== null).map((line) => line.dimension).sort();
  const names = [said("all_of_dimension"), ...dimensions.map((each) => each || said("no_dimension"))];
  const { value } = select;
  select.replaceChildren(...names.map((name, place) => {
    const option = element("option", name);
    option.value = place ? String(place) : "";
    return option;
  }));
  select.value = value;
  select.onchange = () => {
    dimension = select.value === "" ? null : dimensions[Number(select.value) - 1];
    showItem(list.items[list.chosen]);
  };
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
    compared.textContent = said("no_actuals");
  } else if (visual.target) {
    const change = 1 - visual.value / visual.target;
    const word = change > 0 ? "less" : "more";
    const judged = Math.abs(change) < 0.005 ? said("same") : said(word, { share: percent(Math.abs(change), 0) });
    const beside = said("compared_to", { share: percent(visual.target) });
    compared.append(`${beside} `, element("span", judged, change > 0 ? "better" : "worse"));
  } else if (data.bandShare !== null) {
    compared.append(said("between_quantiles", { low: data.low, high: data.high, share: percent(data.bandShare, 0) }));
  }
  return made;
}

const MOST_ROWS = 50;

function table(visual) {
  const made = card(visual);
  const box = made.appendChild(element("div", undefined, "rows"));
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", said("rows_of", { title: visual.title }));
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
        const text = typeof cell === "string" ? cell : isPercent ? percent(cell) : cell === null ? "–" : formats.whole.format(cell);
        row.appendChild(element(place === 0 ? "th" : "td", text));
      });
      row.firstChild.scope = "row";
      return row;
    }));
    const all = item === null && dimension === null ? visual.rowCount : rows.length;
    rest.textContent = all > MOST_ROWS ? said("first_rows", { shown: MOST_ROWS, count: all }) : "";
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
  details.append(element("summary", said("runs_in_numbers")));
  fillTable(details.appendChild(element("table")), [said("published"), ...visual.lines.map((line) => line.label)],
    visual.times.map((time, place) => [time.slice(0, 16), ...visual.lines.map((line) => percent(line.values[place]))]));
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", `${visual.title}, ${said("n_runs", { count: visual.times.length })}`);
  trends.push(() => drawTrend(visual, box));
  return made;
}

function drawTrend(visual, box) {
  const known = visual.lines.flatMap((line) => line.values).filter((value) => value !== null);
  const digits = Math.max(...known) - Math.min(...known) < 0.05 ? 2 : 1;
  const all = { first: 0, last: visual.times.length - 1 };
  const drawn = scalesFor(known, visual.times, sizeOf(box), all, (value) => percent(value, digits));
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
  for (const made of [tables, trends]) made.length = 0;
  for (const id of ["above", "below"]) byId(id).replaceChildren();
  const fan = data.visuals.find((visual) => visual.id === "fan-chart");
  for (const visual of data.visuals) {
    if (visual !== fan) byId(visual.row < fan.row ? "above" : "below").append(DRAWN[visual.kind](visual));
  }
}

// ---- start -----------------------------------------------------------------------------------------------------

function fillHeader() {
  const made = formats.made.format(new Date(`${data.made.replace(" ", "T")}Z`));
  document.title = said("dashboard_title", { name: data.database });
  byId("eyebrow").textContent = said("dashboard_eyebrow", { made, run: data.run, database: data.database });
  byId("title").textContent = said("dashboard_heading", {
    items: said("n_items", { count: data.itemCount }), stretch: said("n_periods", { count: horizon }),
  });
  const words = [said("dashboard_verdict", {
    first: moment(data.times[data.forecastStart] || ""), last: moment(data.times[data.times.length - 1]),
  })];
  if (data.heldSeriesCount < data.seriesCount) {
    words.push(said("dashboard_held", { held: data.heldSeriesCount, count: data.seriesCount }));
  }
  byId("verdict").textContent = words.join(" ");
}

const drawTrends = () => trends.forEach((drawAgain) => drawAgain());
const allItems = () => data.items.map((item) => (item.item === null ? { ...item, name: said("all_items"), total: true } : item));

function fillPage() {
  fillHeader();
  fillVisuals();
  fillFilters();
  offerItems(allItems());
  const chosen = list.chosen >= 0 ? list.chosen : itemOfAddress();
  choose(Math.max(0, chosen), true);
  drawTrends();
}

subDaily = data.times.some((time) => !time.endsWith("00:00:00"));
offerLanguages(fillPage);
fillPage();
listenToList();
listenToChart();
listenToZoom();
listenToTaking();
listenToPrinting(() => [draw, ...trends].forEach((drawAgain) => drawAgain()));
new ResizeObserver(drawTrends).observe(byId("below"));
document.body.dataset.drawn = "true";
