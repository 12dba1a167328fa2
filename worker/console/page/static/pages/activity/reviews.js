// Clients whose status nothing supports any more: each is decided in one click.

import {useState} from "../../vendor/preact.js";
import {command, get} from "../../lib/api.js";
import {ago} from "../../lib/i18n.js";
import {labelOf} from "../../lib/labels.js";
import {Button, Empty, Failed, Skeleton, StatusChip, Tag, html, notify} from "../../lib/parts.js";
import {why} from "../../lib/reasons.js";
import {accepted, refusal} from "../../lib/refusals.js";
import {Link, to} from "../../lib/route.js";
import {t} from "./words.js";

const LOOKS = 10;
const LOOK_MS = 300;

// The card comes on a topic of its own, a moment after the answer.
async function gone(business, {client_id: client}) {
  for (let look = 0; look < LOOKS; look += 1) {
    const {items} = await get(business, "/reviews");
    if (!items.some((row) => row.client_id === client)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

export function Reviews({business, settings, reviews, mayChange}) {
  const converted = settings.statuses.find((status) => status.role === "converted");
  if (reviews.error && !reviews.data) return html`<${Failed} error=${reviews.error} again=${reviews.again} />`;
  if (!reviews.data) return html`<${Skeleton} lines=${6} />`;
  const {items} = reviews.data;
  if (!items.length) return html`<${Empty} icon="check" title=${t("noReviews")}>${t("noReviewsHint")}<//>`;
  return html`<p class="hint feed-intro">${t("reviewsHint", {converted: labelOf(converted)})}</p>
    <ul class="cards">${items.map((row) => html`<${Review} key=${row.client_id} business=${business} settings=${settings} row=${row} again=${reviews.again} mayChange=${mayChange} />`)}</ul>`;
}

function Review({business, settings, row, again, mayChange}) {
  const [busy, setBusy] = useState(null);
  const [done, setDone] = useState(false);
  const name = row.name ?? row.client_id;
  const now = settings.statuses.find((status) => status.code === row.status);
  const initial = settings.statuses.find((status) => status.role === "initial");
  const decide = async (status, said) => {
    setBusy(status.code);
    try {
      accepted(await command(business, "status.set", {client_ids: [row.client_id], status: status.code}));
      setDone(true);
      notify(t(said, {name, status: labelOf(status)}));
      await gone(business, row);
      await again();
    } catch (problem) {
      notify(refusal(problem), "bad");
    }
    setBusy(null);
  };
  return html`<li class="section review">
    <div class="review-words">
      <p class="row"><${Link} href=${to(business, "clients", [row.client_id])} class="change-who">${name}<//><${StatusChip} label=${labelOf(now)} color=${row.color} ended=${row.ended} />${row.tags.slice(0, 3).map((tag) => html`<${Tag} key=${tag}>${tag}<//>`)}</p>
      <p class="hint">${why(row.review.cause, {at: row.review.time})} ${t("since", {when: ago(row.review.time)})}.</p>
    </div>
    ${mayChange ? html`<div class="row">
      <${Button} disabled=${done || busy} busy=${busy === now?.code} onClick=${() => decide(now, "kept")}>${t("keep", {status: labelOf(now)})}<//>
      ${initial ? html`<${Button} kind="primary" disabled=${done || busy} busy=${busy === initial.code} onClick=${() => decide(initial, "moved")}>${t("set", {status: labelOf(initial)})}<//>` : null}
    </div>` : null}
  </li>`;
}
