// The feed: status and tag changes, newest first, with their reason in a sentence; new ones come by themselves.

import {useEffect, useMemo, useRef, useState} from "../../vendor/preact.js";
import {get, id as coded} from "../../lib/api.js";
import {dayName, time} from "../../lib/i18n.js";
import {Icon} from "../../lib/icons.js";
import {labelOf} from "../../lib/labels.js";
import {Button, Empty, Failed, Select, Skeleton, StatusChip, Tag, html} from "../../lib/parts.js";
import {why} from "../../lib/reasons.js";
import {Link, to} from "../../lib/route.js";
import {usePages} from "./pages.js";
import {t} from "./words.js";

const KINDS = {all: () => true, status: (event) => event.type !== "client.tags.changed", tags: (event) => event.type === "client.tags.changed"};
const ICONS = {"client.status.changed": "automation", "client.tags.changed": "tag", "client.status.review_suggested": "warning"};
const MAX_SHOWN = 500;
const AT_ONCE = 20;

export function Changes({business, settings, heard}) {
  const pages = usePages(business, "/changes/latest");
  const [kind, setKind] = useState("all");
  useEffect(() => {
    if (heard.resets) pages.again(); // some may have been missed
  }, [heard.resets]);
  const events = useMemo(() => together(heard.events, pages.items ?? []).filter(KINDS[kind]).slice(0, MAX_SHOWN), [heard, pages.items, kind]);
  const names = useNames(business, events);
  if (pages.error && !pages.items) return html`<${Failed} error=${pages.error} again=${pages.again} />`;
  if (!pages.items) return html`<${Skeleton} lines=${8} />`;
  return html`<div class="feed-tools"><${Select} label=${t("show")} value=${kind} onValue=${setKind} options=${Object.keys(KINDS).map((code) => [code, t(code)])} /></div>
    ${events.length ? byDay(events).map(([day, told]) => html`<section key=${day} class="feed-day" aria-label=${day}><h2 class="feed-date">${day}</h2>
      <ol class="feed">${told.map((event) => html`<${Change} key=${`${event.id} ${event.subject}`} business=${business} event=${event} name=${names(event)} settings=${settings} />`)}</ol></section>`)
    : html`<${Empty} icon="activity" title=${t("noChanges")}>${t("noChangesHint")}<//>`}
    ${pages.error ? html`<${Failed} error=${pages.error} again=${pages.older} />` : null}
    ${pages.more && events.length < MAX_SHOWN ? html`<div class="feed-more"><${Button} busy=${pages.loading} onClick=${pages.older}>${t("more")}<//></div>` : null}`;
}

const clientOf = (event) => event.data.client_id;

// What was heard and what was read, each once, newest first; those of one client in the order of their sequence.
function together(heard, read) {
  const all = new Map([...heard, ...read].map((event) => [`${clientOf(event)} ${event.data.sequence}`, event]));
  return [...all.values()].sort((a, b) => (clientOf(a) === clientOf(b) ? b.data.sequence - a.data.sequence : b.time.localeCompare(a.time)));
}

function byDay(events) {
  const days = new Map();
  for (const event of events) {
    const day = dayName(event.time);
    days.set(day, [...(days.get(day) ?? []), event]);
  }
  return [...days];
}

// Names of clients that came with the stream, which tells ids only; each is asked for once.
function useNames(business, events) {
  const [found, set] = useState({});
  const asked = useRef(new Set());
  useEffect(() => {
    const missing = new Set(events.filter((event) => event.client_name === undefined).map(clientOf));
    for (const client of [...missing].filter((one) => !asked.current.has(one)).slice(0, AT_ONCE)) {
      asked.current.add(client);
      get(business, `/clients/${coded(client)}`)
        .then((card) => set((all) => ({...all, [client]: card.name ?? null})))
        .catch(() => set((all) => ({...all, [client]: null})));
    }
  }, [events, found]);
  return (event) => event.client_name ?? found[clientOf(event)] ?? clientOf(event);
}

function Change({business, event, name, settings}) {
  const {data} = event;
  const say = {"client.status.changed": data.from === null ? "isNew" : "became", "client.tags.changed": "tagged", "client.status.review_suggested": "review"}[event.type];
  const status = (code) => {
    const known = settings.statuses.find((each) => each.code === code);
    const label = labelOf(known) ?? (code === data.to ? data.to_label : code);
    return html`<${StatusChip} label=${label} color=${known?.color} ended=${known?.ended} />`;
  };
  const [before, after] = around(t(say, {name: "\0", to: "\x01"}), "\0");
  const [middle, end] = around(after, "\x01");
  return html`<li class="change change-${event.type.split(".")[1]}">
    <span class="change-icon"><${Icon} name=${ICONS[event.type]} size=${16} /></span>
    <div class="change-words">
      <p class="change-what">${before}<${Link} href=${to(business, "clients", [clientOf(event)])} class="change-who">${name}<//>${middle}${data.to && say !== "tagged" ? status(data.to) : null}${end}</p>
      ${event.type === "client.tags.changed" ? html`<p class="chips">${data.added.map((tag) => html`<span key=${`+${tag}`} class="tag-added"><span class="visually-hidden">${t("added")}</span><${Tag}>${tag}<//></span>`)}${data.removed.map((tag) => html`<span key=${`-${tag}`} class="tag-gone"><span class="visually-hidden">${t("removed")}</span><${Tag}>${tag}<//></span>`)}</p>` : null}
      <p class="hint">${why(data.cause, {at: event.time, because: null})}${data.end_reason ? ` ${t("ended", {reason: data.end_reason})}` : ""}</p>
    </div>
    <time class="change-at hint" datetime=${event.time}>${time(event.time)}</time>
  </li>`;
}

function around(said, mark) {
  const [before, ...after] = said.split(mark);
  return [before, after.join(mark)];
}
