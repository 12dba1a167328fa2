// One client: who it is, what is coming up, what happened, and what can be done about it.

import {useEffect, useState} from "../../vendor/preact.js";
import {get, id as inPath} from "../../lib/api.js";
import {useAsked, useChanges, useSettings, useThrottled} from "../../lib/live.js";
import {Empty, Failed, Skeleton, TabPanel, Tabs, html, notify} from "../../lib/parts.js";
import {Link, go, to} from "../../lib/route.js";
import {Contact} from "./contact.js";
import {Head} from "./head.js";
import {Information} from "./information.js";
import {catalogue} from "./catalogue.js";
import {Timeline} from "./timeline.js";
import {t} from "./words.js";

const LOOK_AGAIN_MS = 10_000;
const SETTLE_MS = 600;
const NARROW = window.matchMedia("(max-width: 900px)");
const PARTS = ["information", "timeline", "contact"];

// Another client is another page: nothing of the one before may stay on it.
export default ({business, route, mayChange}) => html`<${Client} key=${route.rest[0]} business=${business} route=${route} client=${route.rest[0]} mayChange=${mayChange} />`;

function Client({business, route, client, mayChange}) {
  const path = `/clients/${inPath(client)}`;
  const card = useAsked((signal) => get(business, path, {}, signal), [business, client]);
  const settings = useSettings(business);
  const stamp = card.data && JSON.stringify(card.data);
  const reasons = useAsked((signal) => (stamp ? get(business, `${path}/reasons`, {}, signal) : null), [business, client, stamp]);
  const history = useAsked((signal) => get(business, "/settings/history", {limit: 200}, signal), [business, settings.data?.revision, stamp]);
  const narrow = useNarrow();
  const soon = useThrottled(card.again, SETTLE_MS);
  useChanges(business, (change) => {
    if (change.type === "reset" || change.subject === card.data?.client_id) soon();
    if (change.data?.settings_revision > settings.data?.revision) settings.again();
  });
  useLookingAgain(card.again);
  useEffect(() => {
    const found = card.data?.client_id;
    if (!found || found === client) return;
    notify(t("mergedAway", {id: client}));
    go(to(business, "clients", [found], route.query), {replace: true});
  }, [card.data?.client_id]);

  if (card.error?.status === 404) return html`<${Empty} icon="user" title=${t("nobody")} action=${html`<${Link} class="button button-plain" href=${to(business, "clients")}>${t("toClients")}<//>`}>${t("nobodyHint")}<//>`;
  if (card.error && !card.data) return html`<${Failed} error=${card.error} again=${card.again} />`;
  if (settings.error && !settings.data) return html`<${Failed} error=${settings.error} again=${settings.again} />`;
  if (!card.data || !settings.data || card.data.client_id !== client) return html`<${Skeleton} lines=${8} />`;

  const known = catalogue(settings.data, history.data?.items);
  const shared = {business, card: card.data, known, reasons: reasons.data, mayChange, changed: soon};
  const part = PARTS.includes(route.query.part) ? route.query.part : PARTS[0];
  const show = (next) => go(to(business, "clients", [client], {...route.query, part: next}), {replace: true});
  const parts = {
    information: html`<${Information} ...${shared} />`,
    timeline: html`<${Timeline} ...${shared} route=${route} stamp=${stamp} />`,
    contact: html`<${Contact} ...${shared} />`,
  };
  return html`<div class="client">
    <${Head} ...${shared} />
    ${narrow
      ? html`<${Tabs} label=${t("parts")} tabs=${PARTS.map((name) => [name, t(name)])} value=${part} onValue=${show} /><${TabPanel} key=${part} id=${part}>${parts[part]}<//>`
      : html`<div class="client-parts"><div class="client-information">${parts.information}</div><div class="client-timeline">${parts.timeline}</div><div class="client-contact">${parts.contact}</div></div>`}
  </div>`;
}

function useNarrow() {
  const [narrow, set] = useState(NARROW.matches);
  useEffect(() => {
    const changed = () => set(NARROW.matches);
    NARROW.addEventListener("change", changed);
    return () => NARROW.removeEventListener("change", changed);
  }, []);
  return narrow;
}

// Bookings, payments and messages are not among the changes that are told, so the card is asked for again at times;
// while it is as it was, the answer says so and is empty (ETag).
function useLookingAgain(again) {
  useEffect(() => {
    const timer = setInterval(() => document.hidden || again(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [again]);
}
