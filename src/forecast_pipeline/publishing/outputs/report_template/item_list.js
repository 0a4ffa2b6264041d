// ---- list ----------------------------------------------------------------------------------------------------
// The ARIA listbox of all items. Only the rows in sight are in the page, so that a hundred thousand cost no more than ten.
// An item is {name, wape, naiveWape, ...}, or {total: true} for all together; showItem, which each page has, shows it.

const BEYOND = 8; // rows above and below those in sight
const list = { items: [], lower: [], visible: [], chosen: -1, sort: "largest" };
const excess = (item) => (item.wape === null || !item.naiveWape ? null : item.wape / item.naiveWape - 1);
const SORTS = {
  largest: { value: (item) => -item.rank, shown: (item) => percent(item.wape, 0), column: "off_by" },
  worst: { value: (item) => item.wape, shown: (item) => percent(item.wape, 0), column: "off_by" },
  over_naive: { value: excess, shown: (item) => signed(excess(item)), column: "over_naive_by" },
  surprising: { value: (item) => item.surprise, shown: (item) => times(item.surprise), column: "departs_by" },
  missed: { value: (item) => item.truthWape, shown: (item) => percent(item.truthWape, 0), column: "missed_by" },
  name: { value: (item) => item.name, shown: (item) => percent(item.wape, 0), column: "off_by" },
};
const signed = (share) => (share === null ? "–" : `${share >= 0 ? "+" : "−"}${percent(Math.abs(share), 0)}`);
const times = (factor) => (factor === null || factor === undefined ? "–" : `${formats.brief.format(factor)}\u00d7`);

/** The items, the largest first; those of `sorts` that any of them has a value for can be chosen. */
function offerItems(items) {
  list.items = items.map((item, rank) => Object.assign(item, { rank }));
  list.lower = items.map((item) => item.name.toLowerCase());
  const has = (sort) => items.some((item) => ![null, undefined].includes(SORTS[sort].value(item)));
  fillSorts(Object.keys(SORTS).filter(has));
  arrange();
}

function fillSorts(offered = [...byId("sort").options].map((option) => option.value)) {
  byId("sort").replaceChildren(...offered.map((sort) => {
    const option = element("option", said(`sort_${sort}`));
    option.value = sort;
    return option;
  }));
  byId("sort").value = list.sort;
  byId("sort-help").textContent = said(SORTS[list.sort].help || `sort_${list.sort}_help`);
  byId("column").textContent = said(SORTS[list.sort].column);
}

/** Which items are listed, and in which order: all together first, then those with every word, by the sort. */
function arrange() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const { value } = SORTS[list.sort];
  const found = [];
  list.items.forEach((item, index) => {
    if (!item.total && words.every((word) => list.lower[index].includes(word))) found.push(index);
  });
  const values = list.items.map(value);
  const known = (index) => values[index] !== null && values[index] !== undefined;
  if (list.sort === "name") found.sort((one, other) => formats.names.compare(values[one], values[other]));
  else if (list.sort !== "largest") found.sort((one, other) => known(other) - known(one) || values[other] - values[one] || one - other);
  const totals = words.length ? [] : list.items.flatMap((item, index) => (item.total ? [index] : []));
  list.visible = [...totals, ...found];
  const all = said("n_items", { count: list.items.filter((item) => !item.total).length });
  byId("listed").textContent = words.length ? said("n_of_items", { found: found.length, all }) : all;
  byId("list").scrollTop = 0;
  drawRows();
}

const rowHeight = () => 3 * parseFloat(getComputedStyle(document.documentElement).fontSize);

function drawRows() {
  const box = byId("list");
  const height = rowHeight();
  const first = Math.max(0, Math.floor(box.scrollTop / height) - BEYOND);
  const last = Math.min(list.visible.length, Math.ceil((box.scrollTop + box.clientHeight) / height) + BEYOND);
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, place) => first + place);
  const chosen = list.visible.indexOf(list.chosen);
  if (chosen >= 0 && (chosen < first || chosen >= last)) rows.push(chosen); // what aria-activedescendant names is there
  byId("rows").style.height = `${list.visible.length * height}px`;
  byId("rows").replaceChildren(...rows.map((place) => option(place, height)));
  if (chosen >= 0) box.setAttribute("aria-activedescendant", `item-${list.chosen}`);
  else box.removeAttribute("aria-activedescendant");
}

function option(place, height) {
  const index = list.visible[place];
  const item = list.items[index];
  const made = element("div", undefined, item.total ? "option all" : "option");
  made.setAttribute("role", "option");
  made.id = `item-${index}`;
  made.title = item.name;
  made.style.top = `${place * height}px`;
  made.setAttribute("aria-selected", String(index === list.chosen));
  made.setAttribute("aria-posinset", String(place + 1));
  made.setAttribute("aria-setsize", String(list.visible.length));
  made.append(element("span", item.name), element("span", item.total ? "" : SORTS[list.sort].shown(item)));
  return made;
}

/** Choose an item; `isStep`: one of several keys, which the back button need not return to. */
function choose(index, isStep = false) {
  list.chosen = index;
  const place = list.visible.indexOf(index);
  const box = byId("list");
  const height = rowHeight();
  if (place >= 0 && place * height < box.scrollTop) box.scrollTop = place * height;
  if (place >= 0 && (place + 1) * height > box.scrollTop + box.clientHeight) box.scrollTop = (place + 1) * height - box.clientHeight;
  drawRows();
  nameInAddress(list.items[index], isStep);
  return showItem(list.items[index]);
}

function chooseAt(place) {
  const index = list.visible[Math.min(list.visible.length - 1, Math.max(0, place))];
  if (index !== undefined && index !== list.chosen) choose(index, true);
}

// ---- an item's own address -----------------------------------------------------------------------------------

const addressOf = (item) => `#item=${encodeURIComponent(item.total ? "" : item.name)}`;

function nameInAddress(item, isStep) {
  if (location.hash === addressOf(item)) return;
  if (isStep || !location.hash) location.replace(addressOf(item));
  else location.hash = addressOf(item);
}

/** The item that the page's address names; -1 without one. */
function itemOfAddress() {
  if (!location.hash.startsWith("#item=")) return -1;
  let name = "";
  try {
    name = decodeURIComponent(location.hash.slice("#item=".length));
  } catch {
    return -1; // somebody cut the address short
  }
  return list.items.findIndex((item) => (name === "" ? item.total : !item.total && item.name === name));
}

// ---- keys ----------------------------------------------------------------------------------------------------

let typed = { letters: "", at: 0 };

/** The next item whose name begins with the letters that were typed one after the other. */
function typeAhead(letter) {
  const now = Date.now();
  typed = { letters: (now - typed.at < 700 ? typed.letters : "") + letter.toLowerCase(), at: now };
  const place = list.visible.indexOf(list.chosen);
  const from = typed.letters.length > 1 ? place : place + 1;
  const count = list.visible.length;
  for (let step = 0; step < count; step += 1) {
    const next = (Math.max(0, from) + step) % count;
    if (list.lower[list.visible[next]].startsWith(typed.letters)) return chooseAt(next);
  }
  return undefined;
}

function listKey(event) {
  const place = list.visible.indexOf(list.chosen);
  const page = Math.max(1, Math.floor(byId("list").clientHeight / rowHeight()) - 1);
  const inList = event.currentTarget === byId("list");
  const steps = { ArrowUp: place - 1, ArrowDown: place + 1, PageUp: place - page, PageDown: place + page };
  const ends = inList ? { Home: 0, End: list.visible.length - 1 } : {};
  const next = { ...steps, ...ends }[event.key];
  if (next !== undefined) {
    event.preventDefault();
    chooseAt(next);
  } else if (inList && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    typeAhead(event.key);
  }
}

function listenToList() {
  byId("search").addEventListener("input", arrange);
  byId("sort").addEventListener("change", () => {
    list.sort = byId("sort").value;
    fillSorts();
    arrange();
  });
  byId("list").addEventListener("scroll", () => requestAnimationFrame(drawRows));
  byId("list").addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (row) choose(Number(row.id.slice("item-".length)));
  });
  for (const id of ["list", "search"]) byId(id).addEventListener("keydown", listKey);
  window.addEventListener("hashchange", () => {
    const index = itemOfAddress();
    if (index >= 0 && index !== list.chosen) choose(index, true);
  });
  new ResizeObserver(drawRows).observe(byId("list"));
}
