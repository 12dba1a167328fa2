// What can be asked for from the card (G5): a payment reminder, an invoice for a booking, an invitation to book.

import {useState} from "../../vendor/preact.js";
import {command, get, id as inPath} from "../../lib/api.js";
import {dateTime, list, money} from "../../lib/i18n.js";
import {useAsked} from "../../lib/live.js";
import {Button, Callout, Confirm, Dialog, Failed, Select, Skeleton, html, notify} from "../../lib/parts.js";
import {accepted} from "../../lib/refusals.js";
import {t} from "./words.js";

const MOST_BOOKINGS = 200;
const ask = async ({business, card, changed}, action, more = {}) => {
  accepted(await command(business, "action.request", {client_id: card.client_id, action, ...more}));
  notify(t("askedFor"));
  changed();
};
const reachable = (card) => Boolean(card.emails?.length || card.phones?.length);
const NoAddress = () => html`<${Callout} kind="warn">${t("noAddress")}<//>`;

export function PaymentReminder(shared) {
  const {card, onClose} = shared;
  const [invoice, setInvoice] = useState("");
  const overdue = card.overdue ?? [];
  const open = Object.entries(card.outstanding ?? {}).map(([currency, amount]) => money(amount, currency));
  return html`<${Confirm} title=${t("reminder")} say=${t("askFor")} onClose=${onClose} act=${() => ask(shared, "payment_reminder", invoice ? {invoice_id: invoice} : {})}>
    <p>${overdue.length ? t("reminderHint", {n: overdue.length}) : t("nothingOverdue")}${open.length ? ` ${t("outstandingNow", {amount: list(open)})}` : ""}</p>
    ${overdue.length > 1 ? html`<${Select} label=${t("forWhich")} value=${invoice} onValue=${setInvoice} options=${[["", t("allOverdue")], ...overdue.map((one) => [one, one])]} />` : null}
    ${reachable(card) ? null : html`<${NoAddress} />`}
  <//>`;
}

export function InviteToBook(shared) {
  const {card, onClose} = shared;
  const [to] = [...(card.emails ?? []), ...(card.phones ?? [])];
  return html`<${Confirm} title=${t("invite")} say=${t("askFor")} onClose=${onClose} act=${() => ask(shared, "invite_to_book")}>
    ${to ? html`<p>${t("inviteHint", {to})}</p>` : html`<${NoAddress} />`}
  <//>`;
}

export function InvoiceBooking(shared) {
  const {business, card, onClose} = shared;
  const found = useAsked((signal) => get(business, `/clients/${inPath(card.client_id)}/timeline`, {tab: "bookings", limit: MOST_BOOKINGS}, signal), [business, card.client_id]);
  const [chosen, setChosen] = useState(null);
  const past = found.data ? pastBookings(found.data.items) : [];
  const booking = chosen ?? past[0]?.[0];
  if (found.error) return html`<${Dialog} title=${t("invoice")} onClose=${onClose}><${Failed} error=${found.error} again=${found.again} /><//>`;
  if (!found.data) return html`<${Dialog} title=${t("invoice")} onClose=${onClose}><${Skeleton} /><//>`;
  if (!past.length) return html`<${Dialog} title=${t("invoice")} onClose=${onClose} footer=${html`<${Button} onClick=${onClose}>${t("close")}<//>`}><p>${t("noPastBooking")}</p><//>`;
  return html`<${Confirm} title=${t("invoice")} say=${t("askFor")} onClose=${onClose} act=${() => ask(shared, "invoice_booking", {booking_id: booking})}>
    <${Select} label=${t("forBooking")} value=${booking} onValue=${setChosen} options=${past} hint=${t("invoiceHint")} />
  <//>`;
}

// -> [[booking_id, words], …]: those that began before now, or are not known to begin later; the latest first.
function pastBookings(entries) {
  const latest = new Map();
  for (const {data, about, time} of entries) {
    if (!data.booking_id || latest.has(data.booking_id)) continue;
    latest.set(data.booking_id, {...about, ...data, at: data.starts_at ?? about?.starts_at ?? time});
  }
  const now = Date.now();
  const past = [...latest].filter(([, {at}]) => new Date(at).getTime() <= now);
  past.sort(([, a], [, b]) => new Date(b.at) - new Date(a.at));
  return past.map(([booking, {at, kind, service}]) => [booking, [dateTime(at), t(`kind_${kind ?? "booking"}`), service].filter(Boolean).join(" · ")]);
}
