// ---- words ---------------------------------------------------------------------------------------------------
// WORDS has every text of the page in each language; numbers and dates are written by Intl.

const LANGUAGES = ["en", "ko"]; // in the order of WORDS
const KEPT = "almanac-language";
let language = firstLanguage();
let formats = formatsOf(language);

function firstLanguage() {
  const preferred = (navigator.languages || [navigator.language]).map((each) => each.slice(0, 2));
  return kept() || preferred.find((each) => LANGUAGES.includes(each)) || "en";
}

function kept() {
  try {
    const chosen = localStorage.getItem(KEPT);
    return LANGUAGES.includes(chosen) ? chosen : null;
  } catch {
    return null; // a browser may keep nothing for a file
  }
}

/** Change the language, and keep it for the next page where the browser may. */
function speak(chosen) {
  language = chosen;
  formats = formatsOf(chosen);
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // it holds until the page is closed
  }
}

function formatsOf(chosen) {
  const locale = (navigator.languages || []).find((each) => each.startsWith(chosen)) || chosen;
  const number = (options) => new Intl.NumberFormat(locale, options);
  const date = (options) => new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return {
    number,
    whole: number({ maximumFractionDigits: 0 }),
    brief: number({ maximumSignificantDigits: 3 }),
    compact: number({ notation: "compact", maximumSignificantDigits: 4 }),
    plurals: new Intl.PluralRules(locale),
    names: new Intl.Collator(locale, { numeric: true }),
    made: new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", day: "numeric", ...clock, timeZoneName: "short" }),
    clock: date(clock),
    moment: date({ dateStyle: "medium" }),
    momentOfDay: date({ year: "numeric", month: "short", day: "numeric", ...clock }),
    day: date({ month: "short", day: "numeric" }),
    month: date({ month: "short", year: "numeric" }),
    year: date({ year: "numeric" }),
  };
}

/** The sentence of that name with its {values}; "one | other" where what `count` counts has two forms. */
function said(name, values = {}) {
  const forms = WORDS[name][LANGUAGES.indexOf(language)].split(" | ");
  const form = forms.length > 1 && formats.plurals.select(values.count) !== "one" ? forms[1] : forms[0];
  return form.replace(/\{(\w+)\}/g, (_, value) => {
    const given = values[value];
    return typeof given === "number" ? formats.whole.format(given) : given;
  });
}

/** A word of a list that may hold others, such as the models of a later version. */
const named = (group, word) => (WORDS[`${group}_${word}`] ? said(`${group}_${word}`) : word);

/** Write the words that stand in the template: text, label, or placeholder. */
function fillWords() {
  document.documentElement.lang = language;
  for (const each of document.querySelectorAll("[data-said]")) each.textContent = said(each.dataset.said);
  for (const each of document.querySelectorAll("[data-label]")) each.setAttribute("aria-label", said(each.dataset.label));
  for (const each of document.querySelectorAll("[data-hint]")) {
    each.title = said(each.dataset.hint);
    if (!/\p{L}/u.test(each.textContent)) each.setAttribute("aria-label", each.title); // a sign is no name
  }
  byId("search").placeholder = said("search");
}

const brief = (value) => (value === null ? "–" : formats.brief.format(value));
const percent = (share, digits = 1) => share === null || share === undefined ? "–" :
  formats.number({ style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share);

let subDaily = false;
const date = (time) => new Date(`${time.slice(0, 10)}T${time.slice(11, 19) || "00:00:00"}Z`);

/** A period as the reader writes dates: a month or a year alone where the data have no days. */
function moment(time) {
  if (subDaily) return formats.momentOfDay.format(date(time));
  const unit = (data.frequency || "D").replace(/\d+/, "");
  if (unit === "Y" && time.slice(5, 10) === "01-01") return formats.year.format(date(time));
  if (unit === "M" && time.slice(8, 10) === "01") return formats.month.format(date(time));
  return formats.moment.format(date(time));
}

/** "24 hours", "8 periods of 15 minutes" */
function stretch(count, frequency = data.frequency) {
  const [, multiple, letter] = /^(\d*)(\D+)$/.exec(frequency);
  const unit = { min: "minutes", H: "hours", D: "days", W: "weeks", M: "months", Y: "years" }[letter];
  if (multiple === "" || multiple === "1") return said(`n_${unit}`, { count });
  return said("n_periods_of", { count, each: said(`n_${unit}`, { count: Number(multiple) }) });
}

/** A button for each other language; `drawAll` draws the page again. */
function offerLanguages(drawAll) {
  const button = byId("language");
  const next = () => LANGUAGES[(LANGUAGES.indexOf(language) + 1) % LANGUAGES.length];
  const write = () => {
    button.textContent = WORDS.language_name[LANGUAGES.indexOf(next())];
    button.lang = next();
  };
  button.addEventListener("click", () => {
    speak(next());
    fillWords();
    write();
    drawAll();
  });
  fillWords();
  write();
}
