// ---- chart ---------------------------------------------------------------------------------------------------
// What a chart shows: {history, forecast: {line, low, high}, backtests: [{start, line, low, high}]} over data.times.

const MARGIN = { top: 18, right: 12, bottom: 26, left: 56 };
let showBacktests = true;
let shown = null;
let scales = null;
let number = null;

/** Show history and forecast in the chart, and the forecast in the table beside it. */
function showInChart(item, label) {
  shown = item;
  number = numberFormatFor(item);
  byId("chart").setAttribute("aria-label", label);
  fillValues(item);
  draw();
}

function draw() {
  const box = byId("chart");
  const { width, height } = sizeOf(box);
  scales = scalesFor(valuesShown(shown), data.times, width, height);
  const svg = drawing(scales);
  drawAxes(svg, scales);
  drawNow(svg);
  if (showBacktests) {
    for (const backtest of shown.backtests) drawForecast(svg, backtest, backtest.start, "past-", null);
  }
  svg.appendChild(shape("path", { class: "history", d: linePath(scales, shown.history, 0) }));
  drawLonePoints(svg, scales, shown.history, 0, "dot");
  drawForecast(svg, shown.forecast, data.forecastStart, "", lastKnown(shown.history));
  svg.appendChild(shape("line", { class: "cursor", y1: MARGIN.top, y2: scales.bottom, visibility: "hidden" }));
  replaceDrawing(box, svg);
  byId("tip").hidden = true;
}

const PAPER = { width: 680, height: 300 }; // of a chart on paper, whose page is not the window
let onPaper = false;

const sizeOf = (box) => (onPaper ? PAPER : { width: box.clientWidth, height: box.clientHeight });

/** An empty drawing that shrinks and grows as a whole where its box is not as it was drawn for. */
function drawing({ width, height }) {
  return shape("svg", { "aria-hidden": "true", viewBox: `0 0 ${width} ${height}` });
}

/** Draw again for paper before the page is printed, and for the window after. */
function listenToPrinting(drawAll) {
  const drawOn = (paper) => {
    if (onPaper === paper) return;
    onPaper = paper;
    drawAll();
  };
  window.addEventListener("beforeprint", () => drawOn(true));
  window.addEventListener("afterprint", () => drawOn(false));
  window.matchMedia("print").addEventListener("change", (event) => drawOn(event.matches));
}

function replaceDrawing(box, svg) {
  const old = box.querySelector("svg");
  if (old) old.remove();
  box.prepend(svg);
}

function valuesShown(item) {
  const lines = [item.history, item.forecast.line, item.forecast.low, item.forecast.high];
  if (showBacktests) for (const each of item.backtests) lines.push(each.line, each.low, each.high);
  return lines.flatMap((values) => values || []).filter((value) => value !== null);
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });

/** Where values and times lie in a chart of so many pixels; `format` writes the numbers beside it. */
function scalesFor(values, times, width, height, format = (value) => compact.format(value)) {
  let low = values.reduce((least, value) => Math.min(least, value), Infinity);
  let high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (!values.length) [low, high] = [0, 1];
  if (low > 0 && low < high * 0.6) low = 0;
  if (low === high) [low, high] = [Math.min(0, low), Math.max(low, 0) || 1];
  const step = niceStep((high - low) / Math.max(2, Math.floor(height / 70)));
  low = Math.floor(low / step) * step;
  high = Math.ceil(high / step) * step;
  const bottom = height - MARGIN.bottom;
  const right = width - MARGIN.right;
  return {
    width, height, bottom, right, low, high, step, times, format,
    x: (index) => MARGIN.left + (times.length > 1 ? index / (times.length - 1) : 0.5) * (right - MARGIN.left),
    y: (value) => bottom - ((value - low) / (high - low)) * (bottom - MARGIN.top),
    indexAt: (x) => Math.round(((x - MARGIN.left) / (right - MARGIN.left)) * (times.length - 1)),
  };
}

function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999);
}

function drawAxes(svg, scales) {
  const count = Math.round((scales.high - scales.low) / scales.step);
  for (let tick = 0; tick <= count; tick += 1) {
    const value = scales.low + tick * scales.step;
    const y = scales.y(value);
    svg.appendChild(shape("line", { class: "grid", x1: MARGIN.left, x2: scales.right, y1: y, y2: y }));
    const tidy = Math.abs(value) < scales.step / 1e6 ? 0 : value;
    svg.appendChild(shape("text", { x: MARGIN.left - 8, y: y + 4, "text-anchor": "end" }, scales.format(tidy)));
  }
  for (const [index, label] of timeTicks(scales.times, Math.max(2, Math.floor((scales.right - MARGIN.left) / 80)))) {
    svg.appendChild(shape("text", { x: scales.x(index), y: scales.bottom + 18, "text-anchor": "middle" }, label));
  }
}

/** The line between history and forecast. */
function drawNow(svg) {
  const now = scales.x(data.forecastStart - 0.5);
  svg.appendChild(shape("line", { class: "now", x1: now, x2: now, y1: MARGIN.top - 6, y2: scales.bottom }));
  svg.appendChild(shape("text", { x: now - 6, y: MARGIN.top - 6, "text-anchor": "end" }, "history"));
  if (scales.right - now > 55) {
    svg.appendChild(shape("text", { x: now + 6, y: MARGIN.top - 6 }, "forecast"));
  }
}

const dayNumber = (time) => Math.floor(Date.parse(`${time.slice(0, 10)}T00:00:00Z`) / 86400000);
const dayLabel = (time) => `${Number(time.slice(8, 10))} ${MONTHS[Number(time.slice(5, 7)) - 1]}`;
const monthLabel = (time) => `${MONTHS[Number(time.slice(5, 7)) - 1]} ${time.slice(0, 4)}`;
// From fine to coarse: what must change from one period to the next for a tick, and how the tick is called.
const CALENDAR = [
  [(time) => time, (time, inOneDay) => (subDaily || inOneDay ? time.slice(11, 16) : dayLabel(time))],
  [(time) => time.slice(0, 11) + Math.floor(Number(time.slice(11, 13)) / 6), (time) => time.slice(11, 16)],
  [(time) => time.slice(0, 10), dayLabel],
  [(time) => Math.floor((dayNumber(time) + 3) / 7), dayLabel],
  [(time) => time.slice(0, 7), monthLabel],
  [(time) => time.slice(0, 4) + Math.floor((Number(time.slice(5, 7)) - 1) / 3), monthLabel],
  [(time) => time.slice(0, 4), (time) => time.slice(0, 4)],
  [(time) => Math.floor(Number(time.slice(0, 4)) / 10), (time) => time.slice(0, 4)],
];

function timeTicks(times, most) {
  const inOneDay = times.length > 1 && times.every((time) => time.slice(0, 10) === times[0].slice(0, 10));
  for (const [key, label] of CALENDAR) {
    const ticks = times.flatMap((time, index) =>
      index > 0 && key(time) !== key(times[index - 1]) ? [[index, label(time, inOneDay)]] : []);
    if (ticks.length > 1 && ticks.length <= most) return ticks;
    if (ticks.length > 3 && ticks.length <= 2 * most) return ticks.filter((_, place) => place % 2 === 0);
  }
  const step = Math.ceil(times.length / most);
  return times.flatMap((time, index) => (index % step === Math.floor(step / 2) ? [[index, dayLabel(time)]] : []));
}

/** The path of a line that starts at a period; null values interrupt it. */
function linePath(scales, values, start) {
  let path = "";
  let joined = false;
  values.forEach((value, offset) => {
    if (value !== null) path += `${joined ? "L" : "M"}${scales.x(start + offset).toFixed(1)} ${scales.y(value).toFixed(1)}`;
    joined = value !== null;
  });
  return path;
}

/** A value between two gaps has no line, so it gets a dot. */
function drawLonePoints(svg, scales, values, start, className) {
  const missing = (index) => values[index] === null || values[index] === undefined;
  values.forEach((value, index) => {
    if (value !== null && missing(index - 1) && missing(index + 1)) {
      svg.appendChild(shape("circle", { class: className, cx: scales.x(start + index), cy: scales.y(value), r: 2 }));
    }
  });
}

function lastKnown(history) {
  const index = history.length - 1;
  return index >= 0 && history[index] !== null && index === data.forecastStart - 1 ? history[index] : null;
}

/** Band and line of one forecast; both begin at the last actual value, if that is known, so that lines join. */
function drawForecast(svg, forecast, start, prefix, before) {
  const from = before === null ? start : start - 1;
  const joined = (values) => (before === null ? values : [before, ...values]);
  if (forecast.low) {
    svg.appendChild(shape("path", { class: `${prefix}band`, d: bandPath(joined(forecast.low), joined(forecast.high), from) }));
  }
  svg.appendChild(shape("path", { class: `${prefix}line`, d: linePath(scales, joined(forecast.line), from) }));
  drawLonePoints(svg, scales, joined(forecast.line), from, `${prefix}line-dot`);
}

function bandPath(low, high, start) {
  const known = low.flatMap((value, offset) => (value === null || high[offset] === null ? [] : [offset]));
  if (!known.length) return "";
  const corner = (values) => (offset) =>
    `${scales.x(start + offset).toFixed(1)} ${scales.y(values[offset]).toFixed(1)}`;
  return `M${known.map(corner(high)).join("L")}L${known.reverse().map(corner(low)).join("L")}Z`;
}

// ---- reading values ------------------------------------------------------------------------------------------

let pointed = -1;

function point(index) {
  pointed = Math.min(data.times.length - 1, Math.max(0, index));
  const tip = byId("tip");
  const lines = [element("strong", moment(data.times[pointed]))];
  const actual = shown.history[pointed];
  if (actual !== null && actual !== undefined) lines.push(element("div", `Actual ${number(actual)}`));
  const describe = (word, forecast, step) => {
    if (step < 0 || step >= forecast.line.length || forecast.line[step] === null) return;
    const range = forecast.low ? `  (${number(forecast.low[step])} to ${number(forecast.high[step])})` : "";
    lines.push(element("div", `${word} ${number(forecast.line[step])}${range}`));
  };
  describe("Forecast", shown.forecast, pointed - data.forecastStart);
  if (showBacktests) for (const each of shown.backtests) describe("Backtest", each, pointed - each.start);
  tip.replaceChildren(...lines);
  tip.hidden = false;
  const x = scales.x(pointed);
  const left = x + 14 + tip.offsetWidth > scales.width ? x - 14 - tip.offsetWidth : x + 14;
  tip.style.left = `${Math.max(0, left)}px`;
  const cursor = byId("chart").querySelector(".cursor");
  cursor.setAttribute("x1", x);
  cursor.setAttribute("x2", x);
  cursor.setAttribute("visibility", "visible");
}

function stopPointing() {
  byId("tip").hidden = true;
  byId("chart").querySelector(".cursor").setAttribute("visibility", "hidden");
}

function fillLegend(hasBacktests) {
  const entry = (className, text) => {
    const made = element("span");
    made.append(element("i", undefined, className), text);
    return made;
  };
  const legend = byId("legend");
  legend.append(entry("", "history"), entry("swatch-forecast", `forecast (${data.line === "p50" ? "median" : data.line})`));
  if (data.bandShare !== null) {
    legend.append(entry("swatch-band", `should hold ${percent(data.bandShare, 0)} of actual values`));
  }
  if (hasBacktests) {
    const label = element("label");
    const box = element("input");
    box.type = "checkbox";
    box.checked = showBacktests;
    box.addEventListener("change", () => {
      showBacktests = box.checked;
      draw();
    });
    label.append(box, element("i", undefined, "swatch-past"), "forecasts of the past, as tests");
    legend.append(label);
  }
}

/** Writes an item's values with as many decimals as four digits of the largest need, so that columns align. */
function numberFormatFor(item) {
  const largest = Math.max(...valuesShown(item).map(Math.abs), 1e-9);
  const decimals = Math.min(12, Math.max(0, 3 - Math.floor(Math.log10(largest))));
  const format = new Intl.NumberFormat("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return (value) => (value === null || value === undefined ? "–" : format.format(value));
}

function fillValues(item) {
  const hasBand = item.forecast.low !== undefined;
  const head = element("thead");
  const titles = head.appendChild(element("tr"));
  for (const title of ["Period", "Forecast", ...(hasBand ? ["Low", "High"] : [])]) {
    titles.appendChild(element("th", title));
  }
  const body = element("tbody");
  item.forecast.line.forEach((value, step) => {
    const row = body.appendChild(element("tr"));
    row.append(element("td", moment(data.times[data.forecastStart + step])), element("td", number(value)));
    if (hasBand) row.append(element("td", number(item.forecast.low[step])), element("td", number(item.forecast.high[step])));
  });
  byId("values").replaceChildren(head, body);
}

function listenToChart() {
  const chart = byId("chart");
  chart.addEventListener("pointermove", (event) => {
    point(scales.indexAt(event.clientX - chart.getBoundingClientRect().left));
  });
  chart.addEventListener("pointerleave", stopPointing);
  chart.addEventListener("blur", stopPointing);
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    point(pointed < 0 ? data.forecastStart : pointed + step);
  });
  let width = chart.clientWidth;
  new ResizeObserver(() => {
    if (chart.clientWidth === width || onPaper) return;
    width = chart.clientWidth;
    draw();
  }).observe(chart);
}
