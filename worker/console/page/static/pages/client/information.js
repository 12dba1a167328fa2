// The first part of the card: what is coming up, what is outstanding, and what it all adds up to.

import {date, money, number, sameDay, time, dateTime} from "../../lib/i18n.js";
import {get, id as inPath} from "../../lib/api.js";
import {Icon} from "../../lib/icons.js";
import {useAsked} from "../../lib/live.js";
import {noteSaid} from "../../lib/merge_note.js";
import {Few, Long, Section, When, html} from "../../lib/parts.js";
import {t} from "./words.js";

const COUNTS = ["attended", "no_shows", "cancelled", "invoices", "payments", "messages_in", "messages_out", "documents"];
const SUMS = ["invoiced", "paid", "refunded"];
const STARS = 5;
const MOST = 200;
const FEW = 3;

export const Information = (shared) => html`<div class="stack">
  <${Section} title=${t("upcoming")}><${Upcoming} ...${shared} /><//>
  <${Section} title=${t("outstanding")}><${Outstanding} ...${shared} /><//>
  <${Section} title=${t("soFar")}><${Numbers} card=${shared.card} /><//>
</div>`;

// The card names bookings and invoices by their ids; what else is known of them stands in the timeline. Asked for once the
// card has any. -> {[id]: facts}
function useFacts({business, card}, tab, ids, name) {
  const asked = useAsked((signal) => (ids.length ? get(business, `/clients/${inPath(card.client_id)}/timeline`, {tab, limit: MOST}, signal) : null), [business, card.client_id, ids.join()]);
  const facts = {};
  for (const {data, about} of [...(asked.data?.items ?? [])].reverse()) {
    if (ids.includes(data[name])) facts[data[name]] = {...facts[data[name]], ...about, ...data};
  }
  return facts;
}

function Upcoming(shared) {
  const bookings = shared.card.upcoming ?? [];
  const facts = useFacts(shared, "bookings", bookings.map((one) => one.booking_id), "booking_id");
  if (!bookings.length) return html`<p class="hint">${t("nothingUpcoming")}</p>`;
  return html`<ul class="card-upcoming"><${Few} items=${bookings} most=${FEW}>${(booking) => html`<li key=${booking.booking_id}><span class="card-upcoming-day"><${Icon} name="calendar" size=${16} /><strong>${date(booking.starts_at)}</strong></span><span>${span(booking)}</span><span class="hint">${[t(`kind_${booking.kind ?? "booking"}`), facts[booking.booking_id]?.service].filter(Boolean).join(" · ")}</span></li>`}<//></ul>`;
}

export function span({starts_at: from, ends_at: to}) {
  if (!to) return time(from);
  return sameDay(from, to) ? `${time(from)} – ${time(to)}` : `${time(from)} – ${dateTime(to)}`;
}

function Outstanding(shared) {
  const {card} = shared;
  const facts = useFacts(shared, "documents", card.overdue ?? [], "invoice_id");
  const open = Object.entries(card.outstanding ?? {});
  const overdue = card.overdue ?? [];
  if (!open.length && !overdue.length) return html`<p class="hint">${t("nothingOutstanding")}</p>`;
  return html`<div class="stack card-outstanding">
    <p class="card-big">${open.map(([currency, amount]) => html`<span key=${currency}>${money(amount, currency)}</span>`)}</p>
    ${overdue.length ? html`<div class="card-overdue"><${Icon} name="warning" size=${16} /><div><p>${t("overdue", {n: overdue.length})}</p><ul class="hint"><${Few} items=${overdue} most=${FEW}>${(id) => html`<li key=${id}>${[facts[id]?.number ?? id, facts[id]?.amount && money(facts[id].amount, facts[id].currency), facts[id]?.due_on && t("dueOn", {day: date(facts[id].due_on)})].filter(Boolean).join(" · ")}</li>`}<//></ul></div></div>` : html`<p class="hint">${t("notOverdue")}</p>`}
  </div>`;
}

function Numbers({card}) {
  const totals = Object.entries(card.totals ?? {});
  return html`<div class="stack">
    <dl class="card-numbers">${COUNTS.map((name) => html`<div key=${name}><dt>${t(name)}</dt><dd>${number(card.counts?.[name] ?? 0)}</dd></div>`)}</dl>
    ${totals.length ? html`<div class="card-totals-wrap"><table class="card-totals"><thead><tr><th scope="col"><span class="visually-hidden">${t("currency")}</span></th>${SUMS.map((name) => html`<th key=${name} scope="col">${t(name)}</th>`)}</tr></thead>
      <tbody>${totals.map(([currency, sums]) => html`<tr key=${currency}><th scope="row">${currency}</th>${SUMS.map((name) => html`<td key=${name}>${money(sums[name] ?? "0", currency)}</td>`)}</tr>`)}</tbody></table></div>` : null}
    <dl class="card-facts">
      <div><dt>${t("score")}</dt><dd>${card.score ? html`<${Score} ...${card.score} />` : "–"}</dd></div>
      <div><dt>${t("lastActivity")}</dt><dd>${card.last_activity_at ? html`<${When} at=${card.last_activity_at} />` : "–"}</dd></div>
      <div><dt>${t("latestNote")}</dt><dd class="card-note">${card.latest_note ? html`<${Long} key=${card.latest_note} text=${noteSaid(card.latest_note)} />` : "–"}</dd></div>
    </dl>
  </div>`;
}

export const Stars = ({score}) => html`<span class="card-stars" aria-hidden="true">${"★".repeat(Math.round(score))}${"☆".repeat(Math.max(0, STARS - Math.round(score)))}</span>`;

const Score = ({average, count}) => html`<${Stars} score=${average} /> ${t("scoreOf", {average: number(average), n: count})}`;
