const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

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

/** A table's head and body: titles of columns, and rows of cells; the first cell of a row is its title. */
function fillTable(table, titles, rows) {
  const head = element("thead");
  const line = head.appendChild(element("tr"));
  for (const title of titles) line.appendChild(element("th", title)).scope = "col";
  const body = element("tbody");
  for (const cells of rows) {
    const row = body.appendChild(element("tr"));
    cells.forEach((cell, place) => {
      const made = row.appendChild(place ? element("td") : element("th"));
      if (place) made.dataset.title = titles[place];
      else made.scope = "row";
      made.append(...[cell].flat());
    });
  }
  table.replaceChildren(head, body);
}

/** Bars with their words, one below the other: [words, share of the width, text behind]. */
function fillBars(list, bars) {
  list.replaceChildren(...bars.flatMap(([words, share, text]) => {
    const bar = element("i");
    bar.style.width = `${share * 75}%`;
    const row = element("dd");
    row.append(bar, element("small", text));
    return [element("dt", words), row];
  }));
}
