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
  const measure = ours.wql === null || naive.wql === null ? "wape" : "wql";
  const compared = ours[measure] < naive[measure] ? "" : " For these data it is not better than seasonal naive.";
  if (!naive.wape) return `${missed}${compared}`;
  return `${missed} Repeating the last season would have been off by ${percent(naive.wape)}: the forecast errs ` +
    `${lessOrMore(ours.wape, naive.wape)}.${compared}`;
}

function fillHeader() {
  document.title = `${data.name}: forecast`;
  byId("eyebrow").textContent = `Forecast · made ${data.made} · run ${data.run}`;
  byId("title").textContent = `${data.name}: the next ${stretch(data.horizon)}`;
  byId("verdict").textContent = verdict();
  byId("partial-period").textContent = data.partialPeriod;
  byId("partial-period").hidden = !data.partialPeriod;
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

/** A row for each earlier forecast whose time has come, the latest first; hidden before the first, unless the input drifts. */
function fillCameTrue() {
  const unbroken = (text) => text.replaceAll(" %", "\u00a0%");
  byId("drift").textContent = unbroken(data.drift);
  byId("drift").hidden = !data.drift;
  if (!data.cameTrue.length) {
    byId("came-true-words").textContent = "No earlier forecast could be held against what came.";
    byId("came-true-card").hidden = !data.drift;
    return;
  }
  byId("came-true-words").textContent = unbroken(data.cameTrueWords.join(" "));
  const head = element("thead");
  const titles = head.appendChild(element("tr"));
  const columns = ["Forecast of", "What has come", "It came out", "Inside the band", "Miss (wQL)", "Seasonal naive", "Its backtest"];
  for (const title of columns) titles.appendChild(element("th", title)).scope = "col";
  const body = element("tbody");
  for (const run of data.cameTrue) {
    const row = body.appendChild(element("tr"));
    const label = row.appendChild(element("th"));
    label.scope = "row";
    label.append(element("span", run.made), element("small", `run ${run.run}`));
    const figures = [percent(run.inside, 0), percent(run.wql), percent(run.naiveWql), percent(run.promisedWql)];
    const span = `${run.span[0].toUpperCase()}${run.span.slice(1)}`;
    [span, unbroken(run.against), ...figures].forEach((text, number) => {
      row.appendChild(element("td", text)).dataset.title = columns[number + 1];
    });
  }
  byId("came-true").replaceChildren(head, body);
  byId("came-true-card").hidden = false;
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
    ...(data.itemChanges ? [["Against the run before", data.itemChanges]] : []),
    ...data.notCompared.map((sentence) => ["Earlier forecasts", sentence]),
    ...data.rows.map((sentence) => ["Rows", sentence]),
    ["Rows of one period", data.aggregation || "none: each item had at most one row per period"],
    ...[data.partialFirstPeriod, data.partialPeriod].filter(Boolean).map((sentence) => ["Partial period", sentence]),
    ["Gaps", "the charts show the history as the forecast saw it: gaps filled by the run's filling rules"],
  ];
  for (const [term, description] of facts) {
    byId("facts").append(element("dt", term), element("dd", description));
  }
}
