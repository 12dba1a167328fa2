// Languages: tables of words, and how dates, numbers and amounts are written. A table belongs to the part that says it.

export const LANGUAGES = {en: "English", nl: "Nederlands", it: "Italiano", fi: "Suomi"};
const STORED = "client-status.language";
const listeners = new Set();
export const tables = [];
let current = chosen();

function chosen() {
  const wanted = [stored(), ...navigator.languages].filter(Boolean).map((l) => l.slice(0, 2).toLowerCase());
  return wanted.find((l) => l in LANGUAGES) ?? "en";
}

function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

export const language = () => current;
const locale = () => (current === "en" ? "en-GB" : current); // days before months, 24 hours: as in the other languages

export function setLanguage(to) {
  current = to;
  document.documentElement.lang = to;
  try {
    localStorage.setItem(STORED, to);
  } catch {
    // private windows may keep nothing; the choice then lasts as long as the page
  }
  for (const listener of listeners) listener();
}

export function onLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// words({en: {hello: "Hello {name}", n: {one: "{n} client", other: "{n} clients"}}, nl: …}) -> t("hello", {name}).
// A plural is chosen by `n`. `{name}` stands for what is given; numbers are written as the language does.
export function words(table, name = "") {
  tables.push({name, table});
  return (key, given = {}) => {
    let said = table[current]?.[key] ?? table.en[key];
    if (said === undefined) throw new Error(`no words for ${key}`);
    if (typeof said === "object") said = said[new Intl.PluralRules(current).select(given.n)] ?? said.other;
    return said.replace(/\{(\w+)\}/g, (_, field) => {
      const value = given[field];
      return typeof value === "number" ? number(value) : String(value ?? "");
    });
  };
}

export const number = (value) => new Intl.NumberFormat(locale()).format(value);

// "80.00", "EUR" -> €80.00, as the language writes it.
export function money(amount, currency) {
  try {
    const usual = new Intl.NumberFormat(locale(), {style: "currency", currency}).resolvedOptions().minimumFractionDigits;
    return new Intl.NumberFormat(locale(), {style: "currency", currency, maximumFractionDigits: 4, minimumFractionDigits: Math.max(usual, decimals(amount))}).format(amount);
  } catch {
    return `${amount} ${currency}`;
  }
}

const decimals = (amount) => Math.min(4, (String(amount).split(".")[1] ?? "").length);

const format = (value, options) => {
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? String(value) : new Intl.DateTimeFormat(locale(), options).format(at);
};

// A day without a time is that day wherever one is.
const DAY_ONLY = /^\d{4}-\d{2}-\d{2}$/;
const MONTH_ONLY = /^\d{4}-\d{2}$/;
export const date = (value) => format(value, {day: "numeric", month: "short", year: "numeric", ...(DAY_ONLY.test(value) ? {timeZone: "UTC"} : {})});
// "2028-04" -> 04/2028
export const month = (value) => (MONTH_ONLY.test(value) ? format(value, {month: "2-digit", year: "numeric", timeZone: "UTC"}) : value);
export const time = (value) => format(value, {hour: "2-digit", minute: "2-digit"});
export const dateTime = (value) => format(value, {day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit"});
export const dayName = (value) => format(value, {weekday: "long", day: "numeric", month: "long", year: "numeric"});
// A day as it is said in a sentence: "3 March", and the year when it is another.
export const day = (value, now = new Date()) => format(value, {day: "numeric", month: "long", ...(new Date(value).getFullYear() === now.getFullYear() ? {} : {year: "numeric"})});
export const sameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();
export const capital = (said) => said.charAt(0).toLocaleUpperCase(current) + said.slice(1);
export const exact = (value) => format(value, {dateStyle: "full", timeStyle: "medium"});
export const list = (items) => new Intl.ListFormat(locale()).format(items);

const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

// "5 minutes ago", "in 3 days".
export function ago(value, now = Date.now()) {
  const seconds = (new Date(value).getTime() - now) / 1000;
  if (Number.isNaN(seconds)) return String(value);
  const [unit, size] = UNITS.find(([, s]) => Math.abs(seconds) >= s) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(locale(), {numeric: "auto"}).format(Math.trunc(seconds / size), unit);
}

document.documentElement.lang = current;
