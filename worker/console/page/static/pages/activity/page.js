// Activity: what changes, as it changes, and what waits for somebody: reviews, refused commands, dead letters.

import {useState} from "../../vendor/preact.js";
import {get} from "../../lib/api.js";
import {useAsked, useChanges, useSettings, useThrottled} from "../../lib/live.js";
import {Failed, PageHead, Skeleton, TabPanel, Tabs, classes, html} from "../../lib/parts.js";
import {go, to} from "../../lib/route.js";
import {Changes} from "./changes.js";
import {DeadLetters} from "./letters.js";
import {Refusals} from "./refusals.js";
import {Reviews} from "./reviews.js";
import {t} from "./words.js";

const PARTS = {changes: Changes, reviews: Reviews, refusals: Refusals, letters: DeadLetters};
const REVIEWS_MS = 2_000;
const MAX_HEARD = 500;

export default function Activity({business, route, mayChange}) {
  const tab = Object.hasOwn(PARTS, route.query.tab ?? "") ? route.query.tab : "changes";
  const settings = useSettings(business);
  const reviews = useAsked((signal) => get(business, "/reviews", {}, signal), [business]);
  const [heard, setHeard] = useState({events: [], resets: 0});
  const ask = useThrottled(() => reviews.again(), REVIEWS_MS);
  const connected = useChanges(business, (event) => {
    setHeard(({events, resets}) => (event.type === "reset" ? {events: [], resets: resets + 1} : {events: [event, ...events].slice(0, MAX_HEARD), resets}));
    if (event.type !== "client.tags.changed") ask(); // a status that changes may settle a review
  });
  const choose = (id) => go(to(business, "activity", [], {tab: id === "changes" ? undefined : id}), {replace: true});
  const waiting = reviews.data?.items.length;
  const tabs = Object.keys(PARTS).map((id) => [id, t(id), id === "reviews" && waiting ? waiting : undefined]);
  const Shown = PARTS[tab];
  const body = settings.data
    ? html`<${Shown} business=${business} settings=${settings.data} reviews=${reviews} heard=${heard} mayChange=${mayChange} />`
    : settings.error ? html`<${Failed} error=${settings.error} again=${settings.again} />` : html`<${Skeleton} lines=${6} />`;
  return html`<${PageHead} title=${t("title")} hint=${t("hint")} actions=${html`<${Live} connected=${connected} />`} />
    <${Tabs} label=${t("parts")} tabs=${tabs} value=${tab} onValue=${choose} />
    <${TabPanel} id=${tab} key=${tab}>${body}<//>`;
}

const Live = ({connected}) => html`<span class=${classes("live", connected && "live-on")} role="status"><span class="live-dot" aria-hidden="true"></span>${connected ? t("live") : t("offline")}</span>`;
