// ---- start ---------------------------------------------------------------------------------------------------

function showItem(item) {
  byId("item-name").textContent = item.name;
  byId("item-accuracy").textContent = item.wape === null
    ? "No actual values in the backtest windows to measure this item against."
    : `Off by ${percent(item.wape)} of this item's total in tests; seasonal naive: ${percent(item.naiveWape)}.`;
  byId("item-models").textContent = mixture(item);
  byId("item-models").hidden = !mixture(item);
  showInChart(item, `History and forecast of ${item.name}; arrow keys read values`);
}

fillHeader();
fillAccuracy();
fillCameTrue();
fillModels();
fillImpact();
fillFacts();
fillLegend(data.items.some((item) => item.backtests.length));
byId("list").append(...options);
filterList();
if (data.items.length) {
  choose(0);
  listenToList();
  listenToChart();
  listenToPrinting(draw);
}
