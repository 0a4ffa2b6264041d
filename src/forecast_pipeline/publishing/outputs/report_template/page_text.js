// ---- sentences -----------------------------------------------------------------------------------------------

/** How a figure lies to another of its kind: the same, or so many percent better or worse, with the word's class. */
function compared(ours, other, better, worse, same) {
  const change = other ? 1 - ours / other : 0;
  if (Math.abs(change) < 0.005) return [said(same), ""];
  return [said(change > 0 ? better : worse, { share: percent(Math.abs(change), 0) }), change > 0 ? "better" : "worse"];
}

function verdict() {
  const { accuracy: ours, seasonalNaive: naive } = data;
  if (ours.wape === null) return said("not_measured");
  const missed = said("tested", { count: data.windowCount, each: stretch(data.horizon), share: percent(ours.wape) });
  const measure = ours.wql === null || naive.wql === null ? "wape" : "wql";
  const beaten = ours[measure] < naive[measure] ? [] : [said("not_better")];
  if (!naive.wape) return [missed, ...beaten].join(" ");
  const [less] = compared(ours.wape, naive.wape, "errs_less", "errs_more", "errs_same");
  return [missed, said("naive_missed", { share: percent(naive.wape), less }), ...beaten].join(" ");
}

const madeAt = (time) => formats.made.format(new Date(time.endsWith("Z") ? time : `${time.replace(" ", "T")}Z`));

function fillHeader() {
  document.title = said("page_title", { name: data.name });
  byId("eyebrow").textContent = said("eyebrow", { made: madeAt(data.made), run: data.run });
  byId("title").textContent = said("heading", { name: data.name, stretch: stretch(data.horizon) });
  byId("verdict").textContent = verdict();
  byId("partial-period").textContent = data.partialPeriod ? partialSentence(data.partialPeriod, "last") : "";
  byId("partial-period").hidden = !data.partialPeriod;
}

function partialSentence(part, which) {
  const meaning = said(part.isLeftOut ? "part_left_out" : "part_counts");
  const [period, held] = [stretch(1, part.period), stretch(part.steps, part.step)];
  return said(`part_${which}`, { period, start: moment(part.start.replace("T", " ")), held: part.held, of: held, meaning });
}

function fillAccuracy() {
  const { accuracy: ours, seasonalNaive: naive } = data;
  byId("accuracy-words").textContent = ours.wape === null ? said("nothing_to_measure") : said("both_tested", { count: data.windowCount });
  if (ours.wape === null) return;
  const measures = [["wql", percent], ["wape", percent], ["rmse", brief], ["mase", brief]];
  const band = data.measuredBandShare === null ? "" : percent(data.measuredBandShare, 0);
  if (band) measures.push(["coverage", percent]);
  fillTable(byId("accuracy"), [said("measure"), said("forecast_title"), said("seasonal_naive")], measures.map(([name, format]) => {
    const values = { band, target: data.target };
    const title = [element("span", said(`measure_${name}`, values)), element("small", said(`measure_${name}_meaning`, values))];
    return [title, [format(ours[name]), judgement(name)], format(naive[name])];
  }));
}

/** How our figure stands beside seasonal naive's, as a small line in words. */
function judgement(name) {
  const [ours, naive] = [data.accuracy[name], data.seasonalNaive[name]];
  if (ours === null || naive === null) return element("small", "");
  if (name !== "coverage") return element("small", ...compared(ours, naive, "better", "worse", "same"));
  const off = ours - data.measuredBandShare;
  if (Math.abs(off) <= 0.05) return element("small", said("band_right"), "better");
  return element("small", said(off > 0 ? "band_wide" : "band_narrow"), "worse");
}

// ---- did it come true ----------------------------------------------------------------------------------------

const spanOf = (run) => said("span", { stretch: stretch(run.periods, run.frequency), first: moment(run.first.replace("T", " ")) });

function against(run) {
  if (!run.forecast) return said("against_nothing", { actual: brief(run.actual) });
  const share = run.actual / run.forecast - 1;
  if (Math.abs(share) < 0.0005) return said("as_forecast");
  return said(share > 0 ? "above_forecast" : "below_forecast", { share: percent(Math.abs(share)) });
}

function cameTrueWords(run) {
  const words = [said("came_out", { span: spanOf(run), against: against(run), made: moment(run.made), run: run.run })];
  if (run.inside !== null && run.bandShare !== null) {
    words.push(said("came_inside", { share: percent(run.inside, 0), count: run.points, band: percent(run.bandShare, 0) }));
  }
  const byQuantiles = run.wql !== null;
  const [error, naive] = byQuantiles ? [run.wql, run.naiveWql] : [run.wape, run.naiveWape];
  if (error !== null) words.push(said(byQuantiles ? "came_wql" : "came_wape", { error: percent(error), naive: percent(naive) }));
  if (byQuantiles && run.promisedWql !== null) words.push(said("came_promised", { error: percent(run.promisedWql) }));
  return words.join(" ");
}

/** A row for each earlier forecast whose time has come, the latest first; hidden before the first, unless the input drifts. */
function fillCameTrue() {
  const drifts = data.drift.length > 0;
  byId("drift").textContent = drifts ? said("drifts", { signs: data.drift.join("; ") }) : "";
  byId("drift").hidden = !drifts;
  byId("came-true-card").hidden = !drifts && !data.cameTrue.length;
  byId("came-true-words").textContent = data.cameTrue.length ? cameTrueWords(data.cameTrue[0]) : said("nothing_came");
  if (!data.cameTrue.length) return;
  const titles = ["came_forecast_of", "came_span", "came_against", "came_band", "came_miss", "seasonal_naive", "came_backtest"].map((each) => said(each));
  fillTable(byId("came-true"), titles, data.cameTrue.map((run) => [
    [element("span", moment(run.made)), element("small", said("run_named", { run: run.run }))],
    spanOf(run), against(run), percent(run.inside, 0), percent(run.wql), percent(run.naiveWql), percent(run.promisedWql),
  ]));
}

/** What the monitors of the service measured since; hidden without any. */
function fillMonitors() {
  const found = data.monitors || [];
  byId("monitors-card").hidden = !found.length;
  const titles = ["monitor_evaluated", "came_span", "came_miss", "measure_wape", "monitor_baseline"].map((each) => said(each));
  fillTable(byId("monitors"), titles, found.map((each) => [
    [element("span", moment(each.evaluated.replace("T", " "))), element("small", each.monitor)],
    said("from_to", { first: moment(each.first.replace("T", " ")), last: moment(each.last.replace("T", " ")) }),
    percent(each.wql), percent(each.wape), percent(each.baselineWql),
  ]));
}

// ---- what it is made of --------------------------------------------------------------------------------------

/** A bar for each model, by its mean weight; hidden where the service does not say what its forecast is made of. */
function fillModels() {
  byId("models-card").hidden = !data.models.length;
  const noted = data.notedCount ? [said("items_noted", { count: data.notedCount })] : [];
  byId("models-words").textContent = [said("models_words", { items: said("n_items", { count: data.itemCount }) }), ...noted].join(" ");
  fillBars(byId("models"), data.models.map(({ name, share }) => [named("model", name), share, percent(share, share < 0.01 ? 1 : 0)]));
}

/** How far a number of an item that is stored in steps may be off, as a share of its largest: "0.2%". */
const exactness = () => formats.number({ style: "percent", maximumSignificantDigits: 2 }).format(0.5 / data.levels);

/** "Made of theta method 41 %, gradient boosted trees 22 %. No history: ..." */
function noteOf(item, lines) {
  if (item.total) return said("total_words");
  const shares = (lines.models || []).map(([name, share]) => `${named("model", name)} ${percent(share / 100, 0)}`).join(", ");
  const note = lines.note ? `${lines.note[0].toUpperCase()}${lines.note.slice(1)}.` : "";
  const short = lines.isWhole ? "" : said("short_history", {
    history: stretch(data.shortHistory), error: exactness(), largest: data.detailedCount,
  });
  return [shares && said("made_of", { shares }), note, short].filter(Boolean).join(" ");
}

/** A bar for each attribute of an explanation; without two to compare the card stays hidden. */
function fillImpact() {
  byId("impact-card").hidden = data.impact.length < 2;
  byId("impact-words").textContent = said("impact_words");
  fillBars(byId("impact"), data.impact.map(({ name, score }) => {
    const size = Math.abs(score);
    return [name, size, size < 0.005 ? said("impact_none") : formats.number({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(size)];
  }));
}

// ---- about this run ------------------------------------------------------------------------------------------

function rowsSentence({ place, read, used, leftOut, first }) {
  const reasons = Object.entries(leftOut).filter(([, count]) => count).map(([reason, count]) => {
    const where = first[reason] ? said(count === 1 ? "at_place" : "first_of", { place: first[reason] }) : "";
    return said(`left_out_${reason}`, { count, where });
  });
  const sum = said("rows_sum", { place, read, used, left: read - used });
  return reasons.length ? said("rows_left_out", { sum, reasons: reasons.join(", ") }) : sum;
}

function changesSentence({ since, new: fresh, newNames, vanished, vanishedNames }) {
  const listed = (count, names) => [...names.slice(0, 5), ...(count > 5 ? ["…"] : [])].join(", ");
  const clauses = [
    ...(fresh ? [said("items_new", { count: fresh, names: listed(fresh, newNames) })] : []),
    ...(vanished ? [said("items_vanished", { count: vanished, names: listed(vanished, vanishedNames) })] : []),
  ];
  return clauses.length ? said("since_run", { run: since, changes: clauses.join("; ") }) : "";
}

function fillFacts() {
  const fresh = data.newItemCount ? [said("items_without_history", { count: data.newItemCount })] : [];
  const lines = data.levels ? [said("page_holds", { largest: data.detailedCount, history: stretch(data.shortHistory), error: exactness() })] : [];
  const { count, by } = data.aggregated;
  const changes = data.itemChanges ? changesSentence(data.itemChanges) : "";
  const parts = [[data.partialFirstPeriod, "first"], [data.partialPeriod, "last"]].filter(([part]) => part);
  const facts = [
    ["run", data.run],
    ["made", madeAt(data.made)],
    ["forecast_of_term", said("stretch_from_to", {
      stretch: stretch(data.horizon), first: moment(data.times[data.forecastStart]), last: moment(data.times[data.times.length - 1]),
    })],
    ["items", [said("n_items", { count: data.itemCount }), ...fresh, ...lines].join(". ")],
    ...(changes ? [["against_before", changes]] : []),
    ...data.notCompared.map((sentence) => ["earlier_forecasts", sentence]),
    ...data.rows.map((rows) => ["rows", rowsSentence(rows)]),
    ...data.rows.filter((rows) => rows.unknown).map(({ place, unknown }) => ["rows", said("rows_unknown", { place, count: unknown })]),
    ["rows_of_one_period", count ? said("aggregated", { count, kind: named("aggregated", by) }) : said("aggregated_none")],
    ...parts.map(([part, which]) => ["partial_period", partialSentence(part, which)]),
    ["gaps", said("gaps_words")],
  ];
  byId("facts").replaceChildren(...facts.flatMap(([term, words]) => [element("dt", said(term)), element("dd", words)]));
}
