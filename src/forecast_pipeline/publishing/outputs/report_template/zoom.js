// ---- zoom ----------------------------------------------------------------------------------------------------
// Which periods are in sight: by buttons, by dragging over them, by the wheel with Ctrl, by keys.

const LEAST_PERIODS = 4;

/** The first period that an item, or any, has something to show for. */
function firstPeriod() {
  const known = shown ? shown.history.findIndex((value) => value !== null) : 0;
  return known < 0 ? data.forecastStart : known;
}

const lastPeriod = () => data.times.length - 1;

/** Bring periods into sight, at least a few, none beyond the first or the last. */
function look(first, last) {
  const length = Math.min(Math.max(last - first, LEAST_PERIODS - 1), lastPeriod());
  const begin = Math.round(Math.min(Math.max(first, 0), lastPeriod() - length));
  view = { first: begin, last: Math.round(begin + length) };
  draw();
}

/** `factor` below 1 shows fewer periods; the period `around` stays where it is. */
function zoom(factor, around = view.last) {
  const first = Math.max(firstPeriod(), around - (around - view.first) * factor);
  look(first, Math.min(lastPeriod(), around + (view.last - around) * factor));
}

const slide = (share) => {
  const step = Math.max(1, Math.round((view.last - view.first) * Math.abs(share))) * Math.sign(share);
  look(view.first + step, view.last + step);
};

const ZOOMS = {
  "zoom-recent": () => look(Math.max(firstPeriod(), data.forecastStart - data.recent), lastPeriod()),
  "zoom-whole": () => look(firstPeriod(), lastPeriod()),
  "zoom-in": () => zoom(0.5),
  "zoom-out": () => zoom(2),
  "zoom-earlier": () => slide(-0.5),
  "zoom-later": () => slide(0.5),
};
const ZOOM_KEYS = { "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", 0: "zoom-whole", r: "zoom-recent" };
const SLIDE_KEYS = { ArrowLeft: "zoom-earlier", ArrowRight: "zoom-later" };

function zoomKey(event) {
  const button = event.shiftKey && SLIDE_KEYS[event.key] ? SLIDE_KEYS[event.key] : ZOOM_KEYS[event.key];
  if (!button || event.ctrlKey || event.metaKey || event.altKey) return false;
  event.preventDefault();
  ZOOMS[button]();
  byId("reading").textContent = said("in_sight", { first: moment(data.times[view.first]), last: moment(data.times[view.last]) });
  return true;
}

function listenToZoom() {
  for (const [id, act] of Object.entries(ZOOMS)) byId(id).addEventListener("click", act);
  const chart = byId("chart");
  const indexOf = (event) => scales.indexAt(event.clientX - chart.getBoundingClientRect().left);
  chart.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, Math.min(Math.max(indexOf(event), view.first), view.last));
  }, { passive: false });
  chart.addEventListener("dblclick", () => ZOOMS["zoom-whole"]());
  let start = null;
  chart.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch" && event.button === 0) start = indexOf(event);
  });
  chart.addEventListener("pointermove", (event) => {
    if (start !== null) drawBrush(start, indexOf(event));
  });
  window.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const ends = [start, indexOf(event)].sort((one, other) => one - other);
    start = null;
    if (ends[1] - ends[0] >= 2) look(Math.max(ends[0], view.first), Math.min(ends[1], view.last));
    else drawBrush(0, 0);
  });
}

function drawBrush(one, other) {
  const brush = byId("chart").querySelector(".brush");
  const [from, to] = [scales.x(Math.min(one, other)), scales.x(Math.max(one, other))];
  brush.setAttribute("x", from);
  brush.setAttribute("width", to - from);
  brush.setAttribute("visibility", one === other ? "hidden" : "visible");
}
