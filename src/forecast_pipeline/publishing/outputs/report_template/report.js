// ---- start ---------------------------------------------------------------------------------------------------

let asked = 0;

function accuracyOf(item) {
  if (item.total) return said("total_of", { items: said("n_items", { count: data.itemCount }) });
  if (item.wape === null) return said("item_not_measured");
  return said("item_accuracy", { share: percent(item.wape), naive: percent(item.naiveWape) });
}

async function showItem(item) {
  asked += 1;
  const mine = asked;
  const lines = item.total ? data.total : await linesOfItem(item);
  if (mine !== asked) return; // another one was chosen meanwhile
  byId("item-name").textContent = item.name;
  byId("item-accuracy").textContent = accuracyOf(item);
  byId("item-note").textContent = lines ? noteOf(item, lines) : said("no_lines");
  const isFirst = shown === null;
  shown = lines || { history: [], forecast: { line: new Array(data.times.length - data.forecastStart).fill(null) }, backtests: [] };
  if (isFirst) ZOOMS["zoom-recent"]();
  else if (view.first < firstPeriod() && firstPeriod() < view.last) view = { ...view, first: firstPeriod() };
  showInChart(shown, item.name);
  byId("reading").textContent = `${item.name}. ${accuracyOf(item)}`;
}

function fillPage() {
  for (const fill of [fillHeader, fillAccuracy, fillCameTrue, fillMonitors, fillModels, fillImpact, fillFacts]) fill();
  for (const item of list.items) if (item.total) item.name = said("all_items");
}

function fillAgain() {
  fillPage();
  fillSorts();
  arrange();
  if (list.chosen >= 0) choose(list.chosen, true);
}

function listen() {
  listenToList();
  listenToChart();
  listenToZoom();
  listenToTaking();
  listenToPrinting(draw);
}

async function start() {
  offerLanguages(fillAgain);
  if (!("DecompressionStream" in window)) {
    byId("verdict").textContent = said("too_old");
    return;
  }
  data.times = await unpacked(data.times);
  subDaily = data.times.some((time) => !time.endsWith("00:00:00"));
  fillPage();
  const items = await storedItems();
  offerItems(data.total ? [{ name: said("all_items"), total: true, wape: null }, ...items] : items);
  document.querySelector(".picker").hidden = items.length === 1; // there is nothing to choose
  if (items.length) {
    const named = itemOfAddress();
    await choose(named >= 0 ? named : list.items.length - items.length, true);
    listen();
  }
  document.body.dataset.drawn = "true";
}

start();
