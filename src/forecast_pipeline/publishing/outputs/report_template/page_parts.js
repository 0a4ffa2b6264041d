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
