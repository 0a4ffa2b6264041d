// ---- list ----------------------------------------------------------------------------------------------------
// One of data.items is chosen; showItem, which each page has, shows it.

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
  const count = data.items.filter((item) => item.item !== null).length; // null: all of them together
  const all = count < data.itemCount
    ? `the ${whole.format(count)} largest of ${whole.format(data.itemCount)}`
    : plural(count, "item");
  byId("listed").textContent = words.length ? `${whole.format(shown)} of ${all}` : all;
}

function moveChoice(step) {
  const visible = options.flatMap((option, index) => (option.hidden ? [] : [index]));
  const place = visible.indexOf(chosen);
  const next = visible[Math.min(visible.length - 1, Math.max(0, place + step))];
  if (next !== undefined) choose(next);
}

let chosen = -1;

function choose(index) {
  if (chosen >= 0) options[chosen].setAttribute("aria-selected", "false");
  chosen = index;
  options[index].setAttribute("aria-selected", "true");
  options[index].scrollIntoView({ block: "nearest" });
  byId("list").setAttribute("aria-activedescendant", options[index].id);
  showItem(data.items[index]);
}

function listenToList() {
  byId("search").addEventListener("input", filterList);
  for (const id of ["list", "search"]) {
    byId(id).addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      moveChoice(step);
    });
  }
}
