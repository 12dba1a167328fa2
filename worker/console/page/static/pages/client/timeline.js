// The second part of the card: everything that happened, newest first, by day; more comes as one goes down (G4).

import {useCallback, useEffect, useRef, useState} from "../../vendor/preact.js";
import {get, id as inPath} from "../../lib/api.js";
import {dayName, sameDay, time} from "../../lib/i18n.js";
import {Icon} from "../../lib/icons.js";
import {Button, Empty, Failed, Long, Section, Skeleton, TabPanel, Tabs, classes, html} from "../../lib/parts.js";
import {go, to} from "../../lib/route.js";
import {told} from "./entries.js";
import {t} from "./words.js";

const TABS = ["all", "bookings", "payments", "documents", "messages", "changes"];
const PAGE = 50;
const MOST = 200;

export function Timeline({business, card, known, route, stamp}) {
  const tab = TABS.includes(route.query.tab) ? route.query.tab : TABS[0];
  const show = (next) => go(to(business, "clients", [card.client_id], {...route.query, tab: next === TABS[0] ? undefined : next}), {replace: true});
  return html`<${Section} title=${t("timeline")} class="timeline">
    <${Tabs} label=${t("timeline")} tabs=${TABS.map((name) => [name, t(`tab_${name}`)])} value=${tab} onValue=${show} />
    <${TabPanel} key=${tab} id=${tab}><${Entries} business=${business} client=${card.client_id} known=${known} tab=${tab} stamp=${stamp} /><//>
  <//>`;
}

function Entries({business, client, known, tab, stamp}) {
  const {items, next, error, loading, more, again} = usePages(business, client, tab, stamp);
  if (error && !items) return html`<${Failed} error=${error} again=${again} />`;
  if (!items) return html`<${Skeleton} lines=${5} />`;
  if (!items.length) return html`<${Empty} icon="clock" title=${t("nothingYet")}>${t("nothingYetHint")}<//>`;
  return html`<div class="card-days">
    ${byDay(items).map(([day, entries]) => html`<section key=${day} class="card-day"><h3>${dayName(day)}</h3><ol class="card-entries">${entries.map((entry) => html`<${Entry} key=${`${entry.source} ${entry.id} ${entry.type}`} entry=${entry} known=${known} />`)}</ol></section>`)}
    ${error ? html`<${Failed} error=${error} again=${again} />` : null}
    ${next ? html`<${Earlier} busy=${loading} more=${more} />` : html`<p class="hint card-days-end">${t("thatIsAll")}</p>`}
  </div>`;
}

function byDay(items) {
  const days = [];
  for (const item of items) {
    if (!days.length || !sameDay(days.at(-1)[0], item.time)) days.push([item.time, []]);
    days.at(-1)[1].push(item);
  }
  return days;
}

function Entry({entry, known}) {
  const {icon, title, lines = [], quote, tone} = told(entry, known);
  return html`<li class=${classes("card-entry", tone && `card-entry-${tone}`)}>
    <span class="card-entry-icon"><${Icon} name=${icon} size=${16} /></span>
    <div class="card-entry-words"><p class="card-entry-title">${title}</p>${lines.filter(Boolean).map((line, i) => html`<p key=${i} class="hint">${line}</p>`)}${quote ? html`<blockquote><${Long} text=${quote} /></blockquote>` : null}</div>
    <time datetime=${entry.time} class="card-entry-time">${time(entry.time)}</time>
  </li>`;
}

// Asks for more when it comes into view; the button is for the keyboard, and where nothing watches.
function Earlier({busy, more}) {
  const ref = useRef(null);
  useEffect(() => {
    const watch = new IntersectionObserver(([seen]) => seen.isIntersecting && more(), {rootMargin: "400px"});
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, [more]);
  return html`<div ref=${ref} class="card-days-more"><${Button} busy=${busy} onClick=${more}>${t("earlier")}<//></div>`;
}

// The pages that were asked for so far; all of them are read again when the card has changed (stamp).
function usePages(business, client, tab, stamp) {
  const [state, set] = useState({items: null, next: null, error: null, loading: true});
  const latest = useRef(state);
  latest.current = state;
  const turn = useRef(0);
  const load = useCallback(async (kept, from, wanted) => {
    const mine = ++turn.current;
    set((before) => ({...before, loading: true}));
    try {
      let items = kept;
      let next = from;
      do {
        const limit = Math.min(MOST, Math.max(PAGE, wanted - items.length));
        const page = await get(business, `/clients/${inPath(client)}/timeline`, {before: next, limit, tab: tab === TABS[0] ? undefined : tab});
        items = [...items, ...page.items];
        next = page.next_before;
      } while (next && items.length < wanted);
      if (mine === turn.current) set({items, next, error: null, loading: false});
    } catch (error) {
      if (mine === turn.current) set((before) => ({...before, error, loading: false}));
    }
  }, [business, client, tab]);
  useEffect(() => {
    load([], null, latest.current.items?.length ?? PAGE);
    return () => {
      turn.current++;
    };
  }, [load, stamp]);
  const more = useCallback(() => {
    const {items, next, loading} = latest.current;
    if (!loading && next) load(items, next, items.length + PAGE);
  }, [load]);
  const again = () => load([], null, PAGE);
  return {...state, more, again};
}
