// ---- reading values ------------------------------------------------------------------------------------------

let pointed = -1;

/** Writes an item's values with as many decimals as four digits of the largest need, so that columns align. */
function numberFormatFor(item) {
  const values = [...item.history, ...Object.values(item.forecast).flat()].filter((value) => value !== null);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  const decimals = Math.min(12, Math.max(0, 3 - Math.floor(Math.log10(largest))));
  const format = formats.number({ minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return (value) => (value === null || value === undefined ? "–" : format.format(value));
}

/** What there is to read at a period: words and numbers, a line each. */
function linesAt(index) {
  const number = numberFormatFor(shown);
  const lines = [];
  const actual = shown.history[index];
  if (actual !== null && actual !== undefined) lines.push(said("read_actual", { value: number(actual) }));
  const describe = (word, forecast, step) => {
    if (step < 0 || step >= forecast.line.length || forecast.line[step] === null) return;
    const value = number(forecast.line[step]);
    lines.push(forecast.low && forecast.high
      ? said(`${word}_band`, { value, low: number(forecast.low[step]), high: number(forecast.high[step]) })
      : said(word, { value }));
  };
  describe("read_forecast", shown.forecast, index - data.forecastStart);
  for (const [each, prefix] of pastForecasts(shown)) {
    describe(prefix === "past-" ? "read_backtest" : "read_earlier", each, index - each.start);
  }
  for (const [place, ...names] of data.holidays || []) {
    if (place === index) lines.push(names[LANGUAGES.indexOf(language)] || names[0]);
  }
  return lines;
}

function point(index) {
  pointed = Math.min(view.last, Math.max(view.first, index));
  const tip = byId("tip");
  const lines = linesAt(pointed);
  tip.replaceChildren(element("strong", moment(data.times[pointed])), ...lines.map((line) => element("div", line)));
  tip.hidden = false;
  const x = scales.x(pointed);
  const left = x + 14 + tip.offsetWidth > scales.width ? x - 14 - tip.offsetWidth : x + 14;
  tip.style.left = `${Math.max(0, left)}px`;
  const cursor = byId("chart").querySelector(".cursor");
  cursor.setAttribute("x1", x);
  cursor.setAttribute("x2", x);
  cursor.setAttribute("visibility", "visible");
  return [moment(data.times[pointed]), ...lines].join(", ");
}

function stopPointing() {
  byId("tip").hidden = true;
  const cursor = byId("chart").querySelector(".cursor");
  if (cursor) cursor.setAttribute("visibility", "hidden");
}

function fillValues(item) {
  const number = numberFormatFor(item);
  const { line, low, high } = item.forecast;
  const titles = [said("period_title"), said("forecast_title"), ...(low ? [said("low"), said("high")] : [])];
  fillTable(byId("values"), titles, line.map((value, step) => [
    moment(data.times[data.forecastStart + step]), number(value), ...(low ? [number(low[step]), number(high[step])] : []),
  ]));
}

/** The next period to read by an arrow, or the first or last in sight. */
function nextPointed(key) {
  const from = pointed < view.first || pointed > view.last ? Math.max(view.first, data.forecastStart) - 1 : pointed;
  return { ArrowLeft: from - 1, ArrowRight: from + 1, Home: view.first, End: view.last }[key];
}

function listenToChart() {
  const chart = byId("chart");
  chart.addEventListener("pointermove", (event) => {
    if (shown) point(scales.indexAt(event.clientX - chart.getBoundingClientRect().left));
  });
  chart.addEventListener("pointerleave", stopPointing);
  chart.addEventListener("blur", stopPointing);
  chart.addEventListener("keydown", (event) => {
    if (!shown || zoomKey(event)) return;
    const next = nextPointed(event.key);
    if (next === undefined) return;
    event.preventDefault();
    byId("reading").textContent = point(next);
  });
  let width = chart.clientWidth;
  new ResizeObserver(() => {
    if (chart.clientWidth === width || onPaper) return;
    width = chart.clientWidth;
    draw();
  }).observe(chart);
}

// ---- taking it along -----------------------------------------------------------------------------------------

/** What is in sight as rows of texts, the first with titles; numbers as the page holds them. */
function rowsInSight() {
  const columns = [[said("actual"), shown.history, 0], [said("forecast"), shown.forecast.line, data.forecastStart]];
  const band = (forecast, start, words) => forecast.low && forecast.high
    ? [[said("low_of", { of: words }), forecast.low, start], [said("high_of", { of: words }), forecast.high, start]] : [];
  columns.push(...band(shown.forecast, data.forecastStart, said("forecast")));
  for (const [each, prefix] of pastForecasts(shown)) {
    const words = said(prefix === "past-" ? "backtest" : "last_forecast");
    columns.push([words, each.line, each.start], ...band(each, each.start, words));
  }
  const rows = [[said("period"), ...columns.map(([title]) => title)]];
  for (let index = view.first; index <= view.last; index += 1) {
    const time = subDaily ? data.times[index] : data.times[index].slice(0, 10);
    rows.push([time, ...columns.map(([, values, start]) => String(values[index - start] ?? ""))]);
  }
  const isNeeded = (place) => place === 0 || rows.some((row, number) => number && row[place] !== "");
  return rows.map((row) => row.filter((_, place) => isNeeded(place)));
}

const fileName = (ending) => `${byId("item-name").textContent.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "item"}.${ending}`;

function download(name, type, text) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function copyRows() {
  const text = rowsInSight().map((row) => row.join("\t")).join("\n");
  try {
    await navigator.clipboard.writeText(text);
    byId("reading").textContent = said("copied", { count: view.last - view.first + 1 });
  } catch {
    byId("reading").textContent = said("not_copied");
  }
  byId("copied").textContent = byId("reading").textContent;
  setTimeout(() => { byId("copied").textContent = ""; }, 4000);
}

const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "font-size", "font-family"];

/** The drawing as a file of its own, each shape with the style that the page gives it. */
function chartAsFile() {
  const svg = byId("chart").querySelector("svg");
  const copy = svg.cloneNode(true);
  copy.removeAttribute("aria-hidden");
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", scales.width);
  copy.setAttribute("height", scales.height);
  const copies = [...copy.querySelectorAll("*")];
  [...svg.querySelectorAll("*")].forEach((each, place) => {
    const style = getComputedStyle(each);
    for (const name of STYLES) copies[place].setAttribute(name, style.getPropertyValue(name));
  });
  const paper = shape("rect", { width: "100%", height: "100%", fill: getComputedStyle(document.querySelector(".stage")).backgroundColor });
  copy.prepend(shape("title", {}, byId("item-name").textContent), paper);
  return new XMLSerializer().serializeToString(copy);
}

function listenToTaking() {
  byId("copy").addEventListener("click", copyRows);
  byId("take-csv").addEventListener("click", () => {
    const cell = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    download(fileName("csv"), "text/csv", rowsInSight().map((row) => row.map(cell).join(",")).join("\n") + "\n");
  });
  byId("take-svg").addEventListener("click", () => download(fileName("svg"), "image/svg+xml", chartAsFile()));
}
