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
