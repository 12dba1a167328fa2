// Clients: found as one types, narrowed, selected, changed together.

import {useEffect, useLayoutEffect, useMemo, useRef, useState} from "../../vendor/preact.js";
import {get} from "../../lib/api.js";
import {useAsked, useChanges, useSettings, useThrottled} from "../../lib/live.js";
import {Button, Callout, Failed, PageHead, Skeleton, html} from "../../lib/parts.js";
import {useNarrow} from "../../lib/screen.js";
import {ask, askedOf, isNarrowed, paramsOf} from "./asked.js";
import {SelectionBar, SelectEverybody} from "./bar.js";
import {Dialogs} from "./dialogs.js";
import {NoClients, NobodyFound} from "./empty.js";
import {fieldsOf} from "./fields.js";
import {FilterChips} from "./filters.js";
import {Found} from "./found.js";
import {HeadActions} from "./head.js";
import {usePages} from "./pages.js";
import {PresetColumn, PresetSelect, presetSaid, presetsOf} from "./presets.js";
import {Rows} from "./rows.js";
import {SavedBar, SavedFilters, openingOf} from "./saved.js";
import {keepFocus, useSelection} from "./selection.js";
import {Tools} from "./tools.js";
import {t} from "./words.js";

const FRESH_MS = 5_000;
const SOON_MS = 600;
const RARE_MS = 30_000;
const SETTLES_MS = 1_500;
const WITHOUT_COLUMN = 1080; // pixels; the ready-made filters are then a list to choose from
const SPECIAL = ["new_this_month", "upcoming", "outstanding", "quiet_90_days"];

async function askSpecial(business, signal) {
  const totals = await Promise.all(SPECIAL.map((preset) => get(business, "/clients", {preset, limit: 1}, signal)));
  return Object.fromEntries(SPECIAL.map((preset, at) => [preset, totals[at].total]));
}

export default function Clients({business, route, mayChange}) {
  const asked = useMemo(() => askedOf(route.query), [JSON.stringify(route.query)]);
  const narrow = useNarrow();
  const noColumn = useNarrow(WITHOUT_COLUMN);
  const settings = useSettings(business);
  const counts = useAsked((signal) => get(business, "/counts", {}, signal), [business]);
  const special = useAsked((signal) => askSpecial(business, signal), [business]);
  const audiences = useAsked((signal) => get(business, "/audiences", {}, signal), [business]);
  const pages = usePages(business, paramsOf(asked));
  const selection = useSelection(JSON.stringify([business, asked.q, asked.preset, asked.filter, asked.ended]));
  const [dialog, setDialog] = useState(null);
  const fields = useMemo(() => (settings.data ? fieldsOf(settings.data, counts.data) : []), [settings.data, counts.data]);
  const live = useLive(business, pages, [counts, audiences], [special, settings]);

  const put = (change, options) => ask(business, {...asked, ...change}, options);
  const all = {business, asked, put, settings: settings.data, counts: counts.data, fields, pages, selection, mayChange, setDialog, narrow, noColumn};
  if (settings.error && !settings.data) return html`<${PageHead} title=${t("clients")} /><${Failed} error=${settings.error} again=${settings.again} />`;
  if (!settings.data) return html`<${PageHead} title=${t("clients")} /><${Skeleton} lines=${8} />`;

  const saved = [...(audiences.data?.items ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  const groups = presetsOf(settings.data, counts.data, special.data);
  const tagsFrom = groups.at(-1)[0] === t("tags") ? groups.length - 1 : groups.length;
  const opened = saved.find((one) => one.audience_id === asked.saved);
  const changed = Boolean(opened) && JSON.stringify(opened.filter) !== JSON.stringify(asked.filter);
  const done = () => {
    selection.clear();
    live.refresh();
    setTimeout(live.refresh, SETTLES_MS);
  };
  const closed = () => {
    setDialog(null);
    keepFocus();
  };
  const savedDone = () => setTimeout(() => {
    audiences.again();
    counts.again();
  }, SETTLES_MS / 3);
  const nobody = counts.data?.total === 0 && !isNarrowed(asked) && pages.items?.length === 0;

  return html`<div class="clients-page">
    <${PageHead} title=${t("clients")} actions=${nobody ? null : html`<${HeadActions} ...${all} />`} />
    ${nobody ? html`<${NoClients} business=${business} mayChange=${mayChange} setDialog=${setDialog} />` : html`<div class="clients-layout">
      ${noColumn ? null : html`<nav class="presets" aria-label=${t("show")}><${PresetColumn} business=${business} asked=${asked} groups=${groups.slice(0, tagsFrom)} />
        <${SavedFilters} business=${business} asked=${asked} audiences=${saved} known=${Boolean(audiences.data)} mayChange=${mayChange} onRename=${(audience) => setDialog({what: "rename", audience})} onRemove=${(audience) => setDialog({what: "remove", audience})} />
        <${PresetColumn} business=${business} asked=${asked} groups=${groups.slice(tagsFrom)} /></nav>`}
      <section class="clients-main" aria-label=${t("found")}>
        <${Tools} ...${all} />
        ${noColumn ? html`<${PresetSelect} asked=${asked} groups=${groups} audiences=${saved} onPreset=${(preset) => put({preset, ended: false, ...(asked.saved ? {saved: null, filter: null} : {})})} onSaved=${(audience) => put(openingOf(audience))} />` : null}
        ${asked.broken ? html`<${Callout} kind="bad" action=${html`<${Button} small onClick=${() => put({filter: null, saved: null})}>${t("removeFilters")}<//>`}>${t("brokenFilter")}<//>` : null}
        <${FilterChips} filter=${asked.filter} fields=${fields} onFilter=${(filter) => put({filter})} onEdit=${(at) => setDialog({what: "filters", at})} />
        <${SavedBar} audience=${opened} changed=${changed} mayChange=${mayChange} onUpdate=${() => setDialog({what: "update", audience: opened})} onNew=${() => setDialog({what: "save"})} onBack=${() => put(openingOf(opened))} />
        <${Found} ...${all} opened=${opened} changes=${live.changes} refresh=${live.refresh} onManage=${(what) => setDialog({what, audience: opened})} />
        <${List} ...${all} />
      </section>
    </div>`}
    <${Dialogs} dialog=${dialog} ...${all} audiences=${saved} presetName=${presetSaid(groups, asked.preset)} onClose=${closed} onDone=${done} onSaved=${savedDone} />
  </div>`;
}

// What comes while one looks: counts and rows are brought up to date, and what would move the list is only told.
function useLive(business, pages, often, rarely) {
  const clients = useRef(new Set());
  const [changes, setChanges] = useState(0);
  const freshen = useThrottled(() => {
    pages.freshen();
    for (const one of often) one.again();
  }, FRESH_MS, SOON_MS);
  const rare = useThrottled(() => rarely.forEach((one) => one.again()), RARE_MS);
  useChanges(business, (event) => {
    clients.current.add(event.data?.client_id ?? event.subject ?? event.type);
    freshen();
    rare();
  });
  useEffect(() => {
    if (pages.loading) return;
    if (!pages.moved) clients.current.clear();
    setChanges(pages.moved ? Math.max(1, clients.current.size) : 0);
  }, [pages.loading, pages.moved, pages.items]);
  const refresh = () => {
    clients.current.clear();
    pages.again();
    for (const one of [...often, ...rarely]) one.again();
  };
  return {changes, refresh};
}

// Whoever comes back from a client is where they were: the place stands with the entry in the history.
function usePlace(ready) {
  useLayoutEffect(() => {
    const place = history.state?.scroll;
    if (ready && place) window.scrollTo(0, place);
  }, [ready]);
  return (event) => {
    if (event.target.closest("a")) history.replaceState({...history.state, scroll: window.scrollY}, "");
  };
}

function List({pages, business, asked, put, settings, selection, narrow, mayChange, setDialog}) {
  const {items, error, next} = pages;
  const leave = usePlace(items !== null);
  const loadMore = async () => {
    const before = items.length;
    await pages.loadMore();
    // focus goes to the first of the new ones: the button may be gone
    setTimeout(() => document.querySelectorAll(".client-link")[before]?.focus({preventScroll: true}));
  };
  if (!items) return error ? html`<${Failed} error=${error} again=${pages.again} />` : html`<${Skeleton} lines=${8} />`;
  return html`<div class="clients-list" onClickCapture=${leave} aria-busy=${pages.loading && !pages.settled ? "true" : undefined}>
    ${selection.size ? html`<${SelectionBar} business=${business} asked=${asked} selection=${selection} mayChange=${mayChange} setDialog=${setDialog} narrow=${narrow}><${SelectEverybody} business=${business} asked=${asked} pages=${pages} selection=${selection} /><//>` : null}
    ${error ? html`<${Failed} error=${error} again=${pages.again} />` : null}
    ${items.length ? html`<${Rows} narrow=${narrow} items=${items} selection=${selection} settings=${settings} business=${business} sort=${asked.sort} q=${asked.q} />` : pages.settled ? html`<${NobodyFound} asked=${asked} pages=${pages} put=${put} />` : null}
    ${next ? html`<div class="more"><${Button} busy=${pages.more} icon="down" onClick=${loadMore}>${t("loadMore", {n: Math.max(0, pages.total - items.length)})}<//></div>` : null}
  </div>`;
}
