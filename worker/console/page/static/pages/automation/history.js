// How the settings came about: who asked for what, when, and what became of it. Each page has its own address.

import {useEffect} from "../../vendor/preact.js";
import {get} from "../../lib/api.js";
import {dateTime} from "../../lib/i18n.js";
import {Icon} from "../../lib/icons.js";
import {useAsked} from "../../lib/live.js";
import {Empty, Failed, Section, Skeleton, When, html} from "../../lib/parts.js";
import {refusal} from "../../lib/refusals.js";
import {Link, to} from "../../lib/route.js";
import {EVENTS, t as event} from "../catalogue/events.words.js";
import {t as lists} from "../catalogue/lists.words.js";
import {inWords} from "../catalogue/where.js";
import {saidAlone} from "../clients/conditions.js";
import {fieldsOf} from "../clients/fields.js";
import {t as statuses} from "../catalogue/statuses.words.js";
import {flat} from "./draft.js";
import {t} from "./history.words.js";
import {settingName, settingValue, t as automation} from "./words.js";

const PAGE = 30;
const LOOK_MS = 10_000;
const SIGNS = {applied: "check", partly_applied: "warning", rejected: "close", pending: "clock"};
const ROLES = ["initial", "converted", "dormant"];
const KINDS = ["text", "number", "date", "bool", "email", "phone", "url", "choice"];
const CLASSIFIED = ["client_type", "industry", "headcount", "end_reason"];
const NAMED = ["code", "field_id", "rule_id", "audience_id"];
const SETTINGS = new Set(["enabled", "triggers", "completion", "inactive_after_days", "require_end_reason", "locale"]);

export default function History({business, route, settings}) {
  const {before} = route.query;
  const asked = useAsked((signal) => get(business, "/settings/history", {limit: PAGE, before}, signal), [business, before]);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || asked.again(), LOOK_MS); // others change settings, too
    return () => clearInterval(timer);
  }, [asked.again]);
  const {data, error, again} = asked;
  const fields = fieldsOf(settings);
  const page = (query) => to(business, "automation", ["history"], query);
  const body = () => {
    if (error && !data) return html`<${Failed} error=${error} again=${again} />`;
    if (!data) return html`<${Skeleton} lines=${6} />`;
    if (!data.items.length && !before) return html`<${Empty} icon="clock" title=${t("none")}>${t("noneHint")}<//>`;
    return html`<ol class="history">${data.items.map((entry) => html`<${Entry} key=${`${entry.source} ${entry.id}`} entry=${entry} fields=${fields} />`)}</ol>`;
  };
  return html`<${Section} class="catalogue" title=${t("title")} hint=${t("hint")}>${body()}
    ${before || data?.next_before ? html`<div class="row history-pages">
      ${before ? html`<${Link} class="button" href=${page({})}><${Icon} name="left" size=${16} />${t("newest")}<//>` : null}
      ${data?.next_before ? html`<${Link} class="button" href=${page({before: data.next_before})}>${t("older")}<${Icon} name="right" size=${16} /><//>` : null}
    </div>` : null}
  <//>`;
}

function Entry({entry, fields}) {
  const outcome = entry.outcome ?? "pending";
  const what = NAMED.map((name) => entry.data[name]).find((one) => typeof one === "string") ?? "";
  return html`<li class="history-entry">
    <span class="history-sign history-${outcome}"><${Icon} name=${SIGNS[outcome]} size=${16} /></span>
    <div class="history-body">
      <div class="history-head"><h3>${t(entry.type, {what})}</h3><span class="mark history-${outcome}">${t(outcome)}</span></div>
      <p class="hint"><${When} at=${entry.time} absolute=${dateTime} /> · ${t("by", {who: entry.actor ?? entry.source})}${entry.outcome === "applied" ? html` · ${t("revision", {n: entry.revision})}` : null}${entry.changed === null ? null : html` · ${t("moved", {n: entry.changed})}`}</p>
      ${entry.code ? html`<p class="field-error">${refusal(entry)}</p>` : null}
      ${entry.data_left_out ? html`<p class="hint">${t("leftOut")}</p>` : html`<${Said} data=${entry.data} before=${entry.outcome === "applied" ? entry.before : {}} fields=${fields} />`}
    </div>
  </li>`;
}

// The message in words: settings as on the page itself, everything else by its name; and what it was until then.
function Said({data, before, fields}) {
  const lines = [...settingLines(data, before), ...otherLines(data, before, fields)];
  if (!lines.length) return null;
  return html`<dl class="history-said" aria-label=${t("said")}>${lines.map(([name, value, was]) => html`<div key=${name}><dt>${name}</dt><dd>${was === undefined || was === value ? null : html`<s>${was}</s> <span aria-hidden="true">→</span><span class="visually-hidden">${automation("becomes")}</span> `}${value}</dd></div>`)}</dl>`;
}

const isObject = (value) => typeof value === "object" && value !== null;
const settingsIn = (data) => flat({locale: data.locale, automation: {...data, triggers: isObject(data.triggers) ? data.triggers : {}}});

function settingLines(data, before) {
  const was = settingsIn(before);
  const say = (name, value) => (isObject(value) ? plain(value) : settingValue(name, value));
  return Object.entries(settingsIn(data))
    .filter(([name, value]) => value !== undefined && (name !== "inactive_after_days" || name in data))
    .map(([name, value]) => [settingName(name), say(name, value), name in before || isSaid(was[name]) ? say(name, was[name]) : undefined]);
}

function otherLines(data, before, fields) {
  return Object.entries(data)
    .filter(([name, value]) => !SETTINGS.has(name) && !NAMED.includes(name) && (isSaid(value) || isSaid(before[name])))
    .map(([name, value]) => [nameOf(name), isSaid(value) ? said(name, value, fields) : "–", isSaid(before[name]) ? said(name, before[name], fields) : undefined]);
}

const isSaid = (value) => value !== undefined && value !== null;

function said(name, value, fields) {
  if (name === "filter" && isObject(value)) return saidAlone(value, fields);
  if (name === "where" && isObject(value)) return inWords(value);
  if (name === "role" && ROLES.includes(value)) return statuses(value);
  if (name === "type" && KINDS.includes(value)) return lists(value);
  if (name === "kind" && CLASSIFIED.includes(value)) return lists(value);
  if (name === "on" && EVENTS.some(([one]) => one === value)) return event(value);
  return plain(value);
}

function nameOf(name) {
  try {
    return t(name);
  } catch {
    return name; // a field that this page does not know
  }
}

function plain(value) {
  if (typeof value === "boolean") return automation(value ? "on" : "off");
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.join(", ");
  if (typeof value !== "object") return String(value);
  const parts = Object.entries(value);
  return parts.every(([, one]) => typeof one === "string") ? parts.map(([name, one]) => `${one} (${name})`).join(", ") : JSON.stringify(value);
}
