// ---- chart ---------------------------------------------------------------------------------------------------
// What a chart shows: {history, forecast: {line, low, high}, backtests: [{start, line, low, high}], earlier: {start, ...}}
// over data.times. `view` is the part of them that is in sight.

const MARGIN = { top: 28, right: 12, bottom: 26, left: 56 };
const layers = { backtests: true, earlier: true };
let shown = null;
let scales = null;
let view = { first: 0, last: 0 };

/** Show history and forecast in the chart, and the forecast in the table below it. */
function showInChart(item, label) {
  shown = item;
  byId("chart").setAttribute("aria-label", said("chart_label", { item: label }));
  fillLegend(item);
  fillValues(item);
  draw();
}

function draw() {
  if (!shown) return;
  const box = byId("chart");
  scales = scalesFor(valuesInView(shown), data.times, sizeOf(box), view);
  const svg = drawing(scales);
  drawAxes(svg, scales);
  svg.appendChild(shape("text", { x: 0, y: 11 }, data.target || ""));
  const inside = svg.appendChild(shape("svg", {
    x: MARGIN.left, y: 0, width: scales.right - MARGIN.left, height: scales.height,
    viewBox: `${MARGIN.left} 0 ${scales.right - MARGIN.left} ${scales.height}`, overflow: "hidden",
  }));
  drawNow(svg);
  drawMarks(inside);
  for (const [each, prefix] of pastForecasts(shown)) drawForecast(inside, each, each.start, prefix, null);
  inside.appendChild(shape("path", { class: "history", d: linePath(scales, shown.history, 0) }));
  drawLonePoints(inside, scales, shown.history, 0, "dot");
  drawForecast(inside, shown.forecast, data.forecastStart, "", lastKnown(shown.history));
  inside.appendChild(shape("line", { class: "cursor", y1: MARGIN.top, y2: scales.bottom, visibility: "hidden" }));
  inside.appendChild(shape("rect", { class: "brush", y: MARGIN.top, height: scales.bottom - MARGIN.top, visibility: "hidden" }));
  replaceDrawing(box, svg);
  byId("tip").hidden = true;
}

/** The forecasts that were made before what came, as far as they are wanted, each with the prefix of its style. */
function pastForecasts(item) {
  return [
    ...(layers.earlier && item.earlier ? [[item.earlier, "earlier-"]] : []),
    ...(layers.backtests ? item.backtests.map((each) => [each, "past-"]) : []),
  ];
}

const PAPER = { width: 680, height: 300 }; // of a chart on paper, whose page is not the window
let onPaper = false;

const sizeOf = (box) => (onPaper ? PAPER : { width: box.clientWidth, height: box.clientHeight });

/** An empty drawing that shrinks and grows as a whole where its box is not as it was drawn for. */
function drawing({ width, height }) {
  return shape("svg", { "aria-hidden": "true", viewBox: `0 0 ${width} ${height}` });
}

const LONGEST_ON_PAPER = 60; // rows of figures below the chart

/** Draw again for paper before the page is printed, with the figures open, and for the window after. */
function listenToPrinting(drawAll) {
  const figures = byId("figures");
  let wasOpen = false;
  const drawOn = (paper) => {
    if (onPaper === paper) return;
    onPaper = paper;
    if (paper) wasOpen = figures.open;
    figures.open = paper ? wasOpen || data.times.length - data.forecastStart <= LONGEST_ON_PAPER : wasOpen;
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

function valuesInView(item) {
  const found = [];
  const add = (values, start) => (values || []).forEach((value, offset) => {
    const place = start + offset;
    if (value !== null && place >= view.first - 1 && place <= view.last + 1) found.push(value);
  });
  add(item.history, 0);
  for (const [each, start] of [[item.forecast, data.forecastStart], ...pastForecasts(item).map(([past]) => [past, past.start])]) {
    for (const line of [each.line, each.low, each.high]) add(line, start);
  }
  return found;
}

/** Where values and times lie in a chart of so many pixels; `format` writes the numbers beside it. */
function scalesFor(values, times, { width, height }, part, format = (value) => formats.compact.format(value)) {
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
  const across = right - MARGIN.left;
  const count = part.last - part.first;
  return {
    width, height, bottom, right, low, high, step, times, format, part,
    x: (index) => MARGIN.left + (count > 0 ? (index - part.first) / count : 0.5) * across,
    y: (value) => bottom - ((value - low) / (high - low)) * (bottom - MARGIN.top),
    indexAt: (x) => part.first + Math.round(((x - MARGIN.left) / across) * count),
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
  const { first, last } = scales.part;
  const most = Math.max(2, Math.floor((scales.right - MARGIN.left) / 80));
  for (const [index, label] of timeTicks(scales.times.slice(first, last + 1), most)) {
    const x = scales.x(first + index);
    const anchor = x > scales.right - 24 ? "end" : "middle"; // the last one stays in the drawing
    svg.appendChild(shape("text", { x: anchor === "end" ? scales.right + MARGIN.right : x, y: scales.bottom + 18, "text-anchor": anchor }, label));
  }
}

/** The line between history and forecast, where it is in sight. */
function drawNow(svg) {
  const now = scales.x(data.forecastStart - 0.5);
  if (now < MARGIN.left || now > scales.right) return;
  svg.appendChild(shape("line", { class: "now", x1: now, x2: now, y1: MARGIN.top - 6, y2: scales.bottom }));
  if (now - MARGIN.left > 120) {
    svg.appendChild(shape("text", { x: now - 6, y: MARGIN.top - 6, "text-anchor": "end" }, said("history")));
  }
  if (scales.right - now > 55) svg.appendChild(shape("text", { x: now + 6, y: MARGIN.top - 6 }, said("forecast")));
}

/** A tick at the bottom for each holiday in sight. */
function drawMarks(svg) {
  for (const [place] of data.holidays || []) {
    if (place < view.first || place > view.last) continue;
    const x = scales.x(place);
    svg.appendChild(shape("line", { class: "holiday", x1: x, x2: x, y1: scales.bottom - 7, y2: scales.bottom }));
  }
}

const dayNumber = (time) => Math.floor(Date.parse(`${time.slice(0, 10)}T00:00:00Z`) / 86400000);
const written = (format) => (time) => formats[format].format(date(time));
// From fine to coarse: what must change from one period to the next for a tick, and how the tick is called.
const CALENDAR = [
  [(time) => time, (time, inOneDay) => written(subDaily || inOneDay ? "clock" : "day")(time)],
  [(time) => time.slice(0, 11) + Math.floor(Number(time.slice(11, 13)) / 6), written("clock")],
  [(time) => time.slice(0, 10), written("day")],
  [(time) => Math.floor((dayNumber(time) + 3) / 7), written("day")],
  [(time) => time.slice(0, 7), written("month")],
  [(time) => time.slice(0, 4) + Math.floor((Number(time.slice(5, 7)) - 1) / 3), written("month")],
  [(time) => time.slice(0, 4), written("year")],
  [(time) => Math.floor(Number(time.slice(0, 4)) / 10), written("year")],
];

function timeTicks(times, most) {
  const inOneDay = times.length > 1 && times.every((time) => time.slice(0, 10) === times[0].slice(0, 10));
  for (const [key, label] of CALENDAR) {
    const keys = times.map(key);
    const at = keys.flatMap((each, index) => (index > 0 && each !== keys[index - 1] ? [index] : []));
    const ticks = (places) => places.map((index) => [index, label(times[index], inOneDay)]);
    if (at.length > 1 && at.length <= most) return ticks(at);
    if (at.length > 3 && at.length <= 2 * most) return ticks(at.filter((_, place) => place % 2 === 0));
  }
  const step = Math.ceil(times.length / most);
  return times.flatMap((time, index) => (index % step === Math.floor(step / 2) ? [[index, written("day")(time)]] : []));
}

/** The path of a line that starts at a period, as far as it is in sight; null values interrupt it. */
function linePath(scales, values, start) {
  const first = Math.max(0, scales.part.first - 1 - start);
  const last = Math.min(values.length, scales.part.last + 2 - start);
  const together = Math.max(1, Math.floor((last - first) / (2 * scales.width))); // periods that share a pixel
  let path = "";
  let joined = false;
  for (let begin = first; begin < last; begin += together) {
    const places = Array.from({ length: Math.min(together, last - begin) }, (_, place) => begin + place);
    const known = places.filter((place) => values[place] !== null);
    if (known.length < places.length && together === 1) joined = false;
    for (const place of extremes(known, values)) {
      path += `${joined ? "L" : "M"}${scales.x(start + place).toFixed(1)} ${scales.y(values[place]).toFixed(1)}`;
      joined = true;
    }
    if (!known.length) joined = false;
  }
  return path;
}

/** Of places that share a pixel those of the least and the greatest value, in their order. */
function extremes(places, values) {
  if (places.length < 3) return places;
  const by = (better) => places.reduce((best, place) => (better(values[place], values[best]) ? place : best));
  return [...new Set([by((one, other) => one < other), by((one, other) => one > other)])].sort((one, other) => one - other);
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
  if (forecast.low && forecast.high) {
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

function fillLegend(item) {
  const entry = (className, text) => {
    const made = element("span");
    made.append(element("i", undefined, className), text);
    return made;
  };
  const layer = (name, className, text) => {
    const label = element("label");
    const box = element("input");
    box.type = "checkbox";
    box.checked = layers[name];
    box.addEventListener("change", () => {
      layers[name] = box.checked;
      draw();
    });
    label.append(box, element("i", undefined, className), text);
    return label;
  };
  const line = item.summed ? said(item.summed === "mean" ? "sum_of_means" : "sum_of_medians") :
    said("forecast_of", { type: data.line === "p50" ? said("median") : data.line === "mean" ? said("mean") : data.line });
  const band = data.bandShare === null ? [] :
    [entry("swatch-band", item.summed ? said("band_of_total") : said("band_holds", { share: percent(data.bandShare, 0) }))];
  byId("legend").replaceChildren(
    entry("", said("history")), entry("swatch-forecast", line), ...band,
    ...(item.backtests.length ? [layer("backtests", "swatch-past", said("backtests"))] : []),
    ...(item.earlier ? [layer("earlier", "swatch-earlier", said("last_forecast"))] : []),
    ...((data.holidays || []).length ? [entry("swatch-holiday", said("holidays"))] : []),
  );
}
