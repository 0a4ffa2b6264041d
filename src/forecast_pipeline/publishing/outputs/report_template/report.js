"use strict";
// Draws the report from the JSON in #data. Everything from the data enters the page as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const UNITS = { min: "minute", H: "hour", D: "day", W: "week", M: "month", Y: "year" };
  const whole = new Intl.NumberFormat("en");
  const subDaily = data.times.some((time) => !time.endsWith("00:00:00"));

  const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
  const brief = (value) => (value === null ? "–" : short.format(value));
  const percent = (share, digits = 1) => (share === null ? "–" : `${(share * 100).toFixed(digits)}\u00a0%`);
  const plural = (count, word) => `${whole.format(count)} ${word}${count === 1 ? "" : "s"}`;
  const moment = (time) => (subDaily ? time.slice(0, 16) : time.slice(0, 10));

  function element(tag, text, className) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function shape(tag, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /** "24 hours", "13 weeks", "8 periods of 15 minutes" */
  function stretch(count) {
    const [, multiple, letter] = /^(\d*)(\D+)$/.exec(data.frequency);
    const unit = UNITS[letter] || letter;
    if (multiple === "" || multiple === "1") return plural(count, unit);
    return `${plural(count, "period")} of ${plural(Number(multiple), unit)}`;
  }

  // ---- words ---------------------------------------------------------------------------------------------------

  function lessOrMore(ours, naive) {
    const change = 1 - ours / naive;
    if (Math.abs(change) < 0.005) return "no more and no less";
    return `${percent(Math.abs(change), 0)} ${change > 0 ? "less" : "more"}`;
  }

  function verdict() {
    const { accuracy: ours, seasonalNaive: naive } = data;
    if (ours.wape === null) return "There was no backtest window with actual values to measure it against.";
    const tested = data.windowCount === 1 ? "a stretch" : `${data.windowCount} stretches`;
    const missed = `Tested on ${tested} of ${stretch(data.horizon)} that it had not seen, it was off by ` +
      `${percent(ours.wape)} of the total.`;
    if (!naive.wape) return missed;
    const compared = ours.wape <= naive.wape ? "" : " For these data seasonal naive is the better forecast.";
    return `${missed} Repeating the last season would have been off by ${percent(naive.wape)}: the forecast errs ` +
      `${lessOrMore(ours.wape, naive.wape)}.${compared}`;
  }

  function fillHeader() {
    document.title = `${data.name}: forecast`;
    byId("eyebrow").textContent = `Forecast · made ${data.made} · run ${data.run}`;
    byId("title").textContent = `${data.name}: the next ${stretch(data.horizon)}`;
    byId("verdict").textContent = verdict();
  }

  function fillAccuracy() {
    const { accuracy: ours, seasonalNaive: naive } = data;
    if (ours.wape === null) {
      byId("accuracy-words").textContent =
        "No item had all of its actual values in a backtest window, so there is nothing to measure the forecast against.";
      return;
    }
    byId("accuracy-words").textContent =
      `Both forecasts were made for the same ${plural(data.windowCount, "backtest window")}, from what was known ` +
      "before each. Seasonal naive repeats the last season as it was; a forecast is worth its effort if it beats that.";
    const share = data.measuredBandShare === null ? "" : percent(data.measuredBandShare, 0);
    const rows = [
      ["Miss of the whole range (wQL)", "wql", percent,
        "How far all predicted quantiles were off, as a share of the total. Smaller is better."],
      ["Miss of the point (WAPE)", "wape", percent,
        "The sum of all misses as a share of the total of actual values. Smaller is better."],
      ["Typical miss (RMSE)", "rmse", brief,
        `In units of ${data.target}, per item and period; large misses weigh more. Smaller is better.`],
      ["Miss against last season (MASE)", "mase", brief,
        "In units of an item's usual change from season to season; below 1 beats that. Smaller is better."],
    ];
    if (share) {
      rows.push([`Share inside the ${share} band`, "coverage", percent,
        `How many actual values fell inside the band that should hold ${share} of them. Near ${share} is better.`]);
    }
    const head = element("thead");
    const titles = head.appendChild(element("tr"));
    for (const title of ["Measure", "Forecast", "Seasonal naive"]) {
      const cell = titles.appendChild(element("th", title));
      cell.scope = "col";
    }
    const body = element("tbody");
    for (const [title, name, format, meaning] of rows) {
      const row = body.appendChild(element("tr"));
      const label = row.appendChild(element("th"));
      label.scope = "row";
      label.append(element("span", title), element("small", meaning));
      row.appendChild(element("td", format(ours[name]))).appendChild(judgement(name));
      row.appendChild(element("td", format(naive[name])));
    }
    byId("accuracy").replaceChildren(head, body);
  }

  /** How our figure stands beside seasonal naive's, as a small line in words. */
  function judgement(name) {
    const [ours, naive] = [data.accuracy[name], data.seasonalNaive[name]];
    if (ours === null || naive === null) return element("small", "");
    if (name === "coverage") {
      const off = ours - data.measuredBandShare;
      if (Math.abs(off) <= 0.05) return element("small", "as it should be", "better");
      return element("small", off > 0 ? "wider than needed" : "too narrow", "worse");
    }
    const change = naive ? 1 - ours / naive : 0;
    if (Math.abs(change) < 0.005) return element("small", "the same");
    return element("small", `${percent(Math.abs(change), 0)} ${change > 0 ? "better" : "worse"}`, change > 0 ? "better" : "worse");
  }

  /** A bar for each model, by its mean weight; hidden where the service does not say what its forecast is made of. */
  function fillModels() {
    if (!data.models.length) return;
    const noted = data.notedCount === 0 ? "" :
      ` ${whole.format(data.notedCount)} of them ${data.notedCount === 1 ? "has" : "have"} something special to ` +
      `${data.notedCount === 1 ? "it" : "them"}, said in item_models.csv and above the chart.`;
    byId("models-words").textContent =
      "Each item's forecast is a mixture of models, weighted by how well they did in tests. These are the mean weights " +
      `over ${plural(data.itemCount, "item")}.${noted}`;
    for (const { name, share } of data.models) {
      const bar = element("i");
      bar.style.width = `${share * 75}%`;
      const row = element("dd");
      row.append(bar, element("small", percent(share, share < 0.01 ? 1 : 0)));
      byId("models").append(element("dt", name), row);
    }
    byId("models-card").hidden = false;
  }

  /** "Made of theta 41 %, lightgbm 22 %. No history: ..." */
  function mixture(item) {
    const shares = (item.models || []).map(([name, share]) => `${name} ${share}\u00a0%`).join(", ");
    const note = item.note ? ` ${item.note[0].toUpperCase()}${item.note.slice(1)}.` : "";
    return shares ? `Made of ${shares}.${note}` : "";
  }

  /** A bar for each attribute of an explanation; without two to compare the card stays hidden. */
  function fillImpact() {
    if (data.impact.length < 2) return;
    byId("impact-words").textContent =
      "How much each thing that is known besides the history moves the forecast, up or down, compared with the one that " +
      "moves it most.";
    for (const { name, score } of data.impact) {
      const size = Math.abs(score);
      const bar = element("i");
      bar.style.width = `${size * 75}%`;
      const row = element("dd");
      row.append(bar, element("small", size < 0.005 ? "hardly anything" : size.toFixed(2)));
      byId("impact").append(element("dt", name), row);
    }
    byId("impact-card").hidden = false;
  }

  function fillFacts() {
    const start = data.times[data.forecastStart];
    const end = data.times[data.times.length - 1];
    const merged = data.mergedRowCount === 0
      ? "none: each item had at most one row per period"
      : `${plural(data.mergedRowCount, "row")} fell into a period that already had one and were aggregated with it`;
    const shown = data.items.length === data.itemCount
      ? plural(data.itemCount, "item")
      : `${plural(data.itemCount, "item")}; this page holds the ${whole.format(data.items.length)} largest, ` +
        "the files forecast.csv, item_accuracy.csv and item_models.csv hold all";
    const fresh = data.newItemCount
      ? `; ${whole.format(data.newItemCount)} without history, forecast like those that they resemble` : "";
    const facts = [
      ["Run", data.run],
      ["Made", data.made],
      ["Forecast of", `${stretch(data.horizon)}, ${moment(start)} to ${moment(end)}`],
      ["Items", shown + fresh],
      ["Merged rows", merged],
      ["Gaps", "the charts show the history as the forecast saw it: gaps filled by the run's filling rules"],
    ];
    for (const [term, description] of facts) {
      byId("facts").append(element("dt", term), element("dd", description));
    }
  }

  // ---- list ----------------------------------------------------------------------------------------------------

  const options = data.items.map((item, index) => {
    const option = element("div", undefined, "option");
    option.setAttribute("role", "option");
    option.id = `item-${index}`;
    option.title = item.name;
    option.append(element("span", item.name), element("span", item.wape === null ? "" : percent(item.wape, 0)));
    option.addEventListener("click", () => choose(index));
    return option;
  });

  function filterList() {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    options.forEach((option, index) => {
      const name = data.items[index].name.toLowerCase();
      option.hidden = !words.every((word) => name.includes(word));
      shown += option.hidden ? 0 : 1;
    });
    const all = data.items.length < data.itemCount
      ? `the ${whole.format(data.items.length)} largest of ${whole.format(data.itemCount)}`
      : plural(data.items.length, "item");
    byId("listed").textContent = words.length ? `${whole.format(shown)} of ${all}` : all;
  }

  function moveChoice(step) {
    const visible = options.flatMap((option, index) => (option.hidden ? [] : [index]));
    const place = visible.indexOf(chosen);
    const next = visible[Math.min(visible.length - 1, Math.max(0, place + step))];
    if (next !== undefined) choose(next);
  }

  let chosen = -1;
  let number = null;

  /** Writes an item's values with as many decimals as four digits of the largest need, so that columns align. */
  function numberFormatFor(item) {
    const largest = Math.max(...valuesShown(item).map(Math.abs), 1e-9);
    const decimals = Math.min(12, Math.max(0, 3 - Math.floor(Math.log10(largest))));
    const format = new Intl.NumberFormat("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    return (value) => (value === null || value === undefined ? "–" : format.format(value));
  }

  function choose(index) {
    if (chosen >= 0) options[chosen].setAttribute("aria-selected", "false");
    chosen = index;
    options[index].setAttribute("aria-selected", "true");
    options[index].scrollIntoView({ block: "nearest" });
    byId("list").setAttribute("aria-activedescendant", options[index].id);
    const item = data.items[index];
    number = numberFormatFor(item);
    byId("item-name").textContent = item.name;
    byId("item-accuracy").textContent = item.wape === null
      ? "No actual values in the backtest windows to measure this item against."
      : `Off by ${percent(item.wape)} of this item's total in tests; seasonal naive: ${percent(item.naiveWape)}.`;
    byId("item-models").textContent = mixture(item);
    byId("item-models").hidden = !mixture(item);
    byId("chart").setAttribute("aria-label", `History and forecast of ${item.name}; arrow keys read values`);
    fillValues(item);
    draw();
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

  // ---- chart ---------------------------------------------------------------------------------------------------

  const MARGIN = { top: 18, right: 12, bottom: 26, left: 56 };
  let showBacktests = true;
  let scales = null;

  function draw() {
    const box = byId("chart");
    const item = data.items[chosen];
    scales = scalesFor(item, box.clientWidth, box.clientHeight);
    const svg = shape("svg", { "aria-hidden": "true" });
    drawAxes(svg);
    if (showBacktests) {
      for (const backtest of item.backtests) drawForecast(svg, backtest, backtest.start, "past-", null);
    }
    svg.appendChild(shape("path", { class: "history", d: linePath(item.history, 0) }));
    drawLonePoints(svg, item.history, 0, "dot");
    drawForecast(svg, item.forecast, data.forecastStart, "", lastKnown(item.history));
    svg.appendChild(shape("line", { class: "cursor", y1: MARGIN.top, y2: scales.bottom, visibility: "hidden" }));
    const old = box.querySelector("svg");
    if (old) old.remove();
    box.prepend(svg);
    byId("tip").hidden = true;
  }

  function valuesShown(item) {
    const shown = [item.history, item.forecast.line, item.forecast.low, item.forecast.high];
    if (showBacktests) for (const each of item.backtests) shown.push(each.line, each.low, each.high);
    return shown.flatMap((values) => values || []).filter((value) => value !== null);
  }

  function scalesFor(item, width, height) {
    const values = valuesShown(item);
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
      width, height, bottom, right, low, high, step,
      x: (index) => MARGIN.left + (index / Math.max(1, data.times.length - 1)) * (right - MARGIN.left),
      y: (value) => bottom - ((value - low) / (high - low)) * (bottom - MARGIN.top),
      indexAt: (x) => Math.round(((x - MARGIN.left) / (right - MARGIN.left)) * (data.times.length - 1)),
    };
  }

  function niceStep(rough) {
    const power = 10 ** Math.floor(Math.log10(rough));
    return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999);
  }

  function drawAxes(svg) {
    const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });
    const count = Math.round((scales.high - scales.low) / scales.step);
    for (let tick = 0; tick <= count; tick += 1) {
      const value = scales.low + tick * scales.step;
      const y = scales.y(value);
      svg.appendChild(shape("line", { class: "grid", x1: MARGIN.left, x2: scales.right, y1: y, y2: y }));
      const tidy = Math.abs(value) < scales.step / 1e6 ? 0 : value;
      svg.appendChild(shape("text", { x: MARGIN.left - 8, y: y + 4, "text-anchor": "end" }, compact.format(tidy)));
    }
    for (const [index, label] of timeTicks(Math.max(2, Math.floor((scales.right - MARGIN.left) / 80)))) {
      svg.appendChild(shape("text", { x: scales.x(index), y: scales.bottom + 18, "text-anchor": "middle" }, label));
    }
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
    [(time) => time, (time) => (subDaily ? time.slice(11, 16) : dayLabel(time))],
    [(time) => time.slice(0, 11) + Math.floor(Number(time.slice(11, 13)) / 6), (time) => time.slice(11, 16)],
    [(time) => time.slice(0, 10), dayLabel],
    [(time) => Math.floor((dayNumber(time) + 3) / 7), dayLabel],
    [(time) => time.slice(0, 7), monthLabel],
    [(time) => time.slice(0, 4) + Math.floor((Number(time.slice(5, 7)) - 1) / 3), monthLabel],
    [(time) => time.slice(0, 4), (time) => time.slice(0, 4)],
    [(time) => Math.floor(Number(time.slice(0, 4)) / 10), (time) => time.slice(0, 4)],
  ];

  function timeTicks(most) {
    for (const [key, label] of CALENDAR) {
      const ticks = data.times.flatMap((time, index) =>
        index > 0 && key(time) !== key(data.times[index - 1]) ? [[index, label(time)]] : []);
      if (ticks.length > 1 && ticks.length <= most) return ticks;
      if (ticks.length > 3 && ticks.length <= 2 * most) return ticks.filter((_, place) => place % 2 === 0);
    }
    const step = Math.ceil(data.times.length / most);
    return data.times.flatMap((time, index) => (index % step === Math.floor(step / 2) ? [[index, dayLabel(time)]] : []));
  }

  /** The path of a line that starts at a period; null values interrupt it. */
  function linePath(values, start) {
    let path = "";
    let joined = false;
    values.forEach((value, offset) => {
      if (value !== null) path += `${joined ? "L" : "M"}${scales.x(start + offset).toFixed(1)} ${scales.y(value).toFixed(1)}`;
      joined = value !== null;
    });
    return path;
  }

  /** A value between two gaps has no line, so it gets a dot. */
  function drawLonePoints(svg, values, start, className) {
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
    svg.appendChild(shape("path", { class: `${prefix}line`, d: linePath(joined(forecast.line), from) }));
    drawLonePoints(svg, joined(forecast.line), from, `${prefix}line-dot`);
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
    const item = data.items[chosen];
    pointed = Math.min(data.times.length - 1, Math.max(0, index));
    const tip = byId("tip");
    const lines = [element("strong", moment(data.times[pointed]))];
    const actual = item.history[pointed];
    if (actual !== null && actual !== undefined) lines.push(element("div", `Actual ${number(actual)}`));
    const describe = (word, forecast, step) => {
      if (step < 0 || step >= forecast.line.length || forecast.line[step] === null) return;
      const range = forecast.low ? `  (${number(forecast.low[step])} to ${number(forecast.high[step])})` : "";
      lines.push(element("div", `${word} ${number(forecast.line[step])}${range}`));
    };
    describe("Forecast", item.forecast, pointed - data.forecastStart);
    if (showBacktests) for (const each of item.backtests) describe("Backtest", each, pointed - each.start);
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

  function fillLegend() {
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
    if (data.items.some((item) => item.backtests.length)) {
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

  // ---- start ---------------------------------------------------------------------------------------------------

  function listen() {
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
    byId("search").addEventListener("input", filterList);
    for (const id of ["list", "search"]) {
      byId(id).addEventListener("keydown", (event) => {
        const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
        if (!step) return;
        event.preventDefault();
        moveChoice(step);
      });
    }
    let width = chart.clientWidth;
    new ResizeObserver(() => {
      if (chart.clientWidth === width) return;
      width = chart.clientWidth;
      draw();
    }).observe(chart);
  }

  fillHeader();
  fillAccuracy();
  fillModels();
  fillImpact();
  fillFacts();
  fillLegend();
  byId("list").append(...options);
  filterList();
  if (data.items.length) {
    choose(0);
    listen();
  }
})();
