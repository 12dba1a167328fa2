// An entry of the timeline in words: {icon, title, lines, quote, tone}. One line of the table for each type of the contract.

import {capital, date, dateTime, list, money, month, sameDay, time} from "../../lib/i18n.js";
import {noteSaid} from "../../lib/merge_note.js";
import {channelSaid, sourceSaid} from "../../lib/origins.js";
import {why} from "../../lib/reasons.js";
import {t} from "./entries.words.js";

export function told(entry, known) {
  const say = TYPES[entry.type];
  return say ? say({...entry.about, ...entry.data}, entry, known) : {icon: "info", title: entry.type};
}

const kind = (data) => t(`kind_${data.kind ?? "booking"}`);
const booking = (key, icon = "calendar", tone) => (data) => ({
  icon, tone, title: t("booking", {kind: kind(data), what: t(key, {when: span(data)}).trim()}), lines: [data.service, data.staff_id && t("with", {staff: data.staff_id})],
});

function span({starts_at: from, ends_at: to}) {
  if (!from) return "";
  if (!to) return dateTime(from);
  return sameDay(from, to) ? `${dateTime(from)} – ${time(to)}` : `${dateTime(from)} – ${dateTime(to)}`;
}

const amount = ({amount: value, currency}) => (value ? (currency ? money(value, currency) : String(value)) : "");
const named = (data) => data.number ?? data.invoice_id;
const reason = ({time: at, data, because}, more = {}) => data.cause && why(data.cause, {at, because, ...more});
const message = (key, icon = "message") => (data) => ({icon, title: t(key), lines: [channelSaid(data.channel)], quote: data.preview});
const campaign = (key) => (data) => ({icon: "mail", title: t(key, {title: data.title ?? data.campaign_id}), lines: [channelSaid(data.channel)]});

function invoice(data) {
  return {icon: "document", title: t("invoiceIssued", {number: named(data), amount: amount(data)}), lines: [data.due_on && t("dueOn", {day: date(data.due_on)})]};
}

const payment = (key) => (data) => ({icon: "money", title: t(key, {amount: amount(data)}), lines: [[data.method, data.invoice_id && t("forInvoice", {invoice: data.invoice_id})].filter(Boolean).join(" · ")]});

// What was given back; of a refund without an amount, all of it.
function refunded(data, {data: said}) {
  return {icon: "undo", title: said.amount ? t("refunded", {amount: amount({...data, amount: said.amount})}) : t("refundedAll", {amount: amount(data)}), tone: "warn"};
}

function reviewed(data) {
  return {icon: "star", title: t("reviewed", {stars: "★".repeat(data.score) + "☆".repeat(5 - data.score), score: data.score}), quote: data.text};
}

const NAMES = ["name", "email", "emails", "phone", "phones", "source", "staff_id", "client_type", "industry", "headcount", "linked_systems"];

function changed(data, _, known) {
  const names = NAMES.filter((name) => name in data).map((name) => t(`data_${name}`));
  const fields = Object.keys(data.fields ?? {}).map(known.field);
  const all = [...names, ...fields];
  const by = typeof data.actor === "string" && t("by", {actor: data.actor});
  return {icon: "edit", title: all.length ? t("changed", {what: list(all)}) : t("changedSomething"), lines: [by]};
}

function created(data, {type}) {
  return {icon: "user", title: t(type === "client.imported" ? "imported" : "created"), lines: [data.source && t("source", {source: sourceSaid(data.source)})]};
}

function statusChanged(data, entry, known) {
  const to = known.statusLabel(data.to);
  const ended = data.end_reason && t("endReason", {reason: known.classified("end_reason", data.end_reason)});
  const title = data.from ? t("statusChanged", {from: known.statusLabel(data.from), to}) : t("statusFirst", {to});
  return {icon: "automation", tone: "accent", title, lines: [reason(entry, known.inForce(data.settings_revision)), ended]};
}

function tagsChanged(data, entry) {
  const said = [data.added?.length && t("tagsAdded", {tags: list(data.added)}), data.removed?.length && t("tagsRemoved", {tags: list(data.removed)})];
  return {icon: "tag", title: capital(said.filter(Boolean).join("; ")), lines: [reason(entry)]};
}

const audience = (key) => (data, entry) => ({icon: "filter", title: t(key, {audience: data.audience_name}), lines: [reason(entry)]});

function asked(data) {
  const {context = {}, cause = {}} = data;
  const totals = Object.entries(context.totals ?? {}).map(([currency, value]) => money(value, currency));
  const about = [...totals, context.booking?.starts_at && dateTime(context.booking.starts_at)].filter(Boolean);
  return {icon: "mail", title: t(`asked_${data.action}`), lines: [about.join(" · "), cause.actor && t("by", {actor: cause.actor})]};
}

const TYPES = {
  "booking.scheduled": booking("scheduled"),
  "booking.rescheduled": (data, entry) => ({...booking("rescheduled")(data), lines: [entry.about?.starts_at && t("before", {when: span(entry.about)}), data.service]}),
  "booking.cancelled": (data) => booking(data.by ? `cancelled_${data.by}` : "cancelled", "close", "warn")(data),
  "booking.attended": booking("attended", "check", "good"),
  "booking.no_show": booking("noShow", "warning", "warn"),
  "invoice.issued": invoice,
  "invoice.cancelled": (data) => ({icon: "close", tone: "warn", title: t("invoiceCancelled", {number: named(data), amount: amount(data)})}),
  "payment.received": payment("paid"),
  "payment.recorded": payment("recorded"),
  "payment.refunded": refunded,
  "client.created": created,
  "client.imported": created,
  "client.updated": changed,
  "client.messaged": (data) => message(data.direction === "out" ? "written" : "wrote")(data),
  "client.noted": (data) => ({icon: "edit", title: data.author ? t("notedBy", {author: data.author}) : t("noted"), quote: data.text}),
  "client.documented": (data) => ({icon: "document", title: t("documented", {title: data.title})}),
  "client.reviewed": reviewed,
  "client.card_saved": (data) => ({icon: "card", title: t("cardSaved", {card: `${capital(data.brand)} •••• ${data.last4}`}), lines: [data.expires && t("expires", {when: month(data.expires)})]}),
  "campaign.delivered": campaign("delivered"),
  "campaign.viewed": campaign("viewed"),
  "campaign.clicked": campaign("clicked"),
  "client.status.changed": statusChanged,
  "client.status.review_suggested": (data, entry, known) => ({icon: "warning", tone: "warn", title: t("review", {status: known.statusLabel(data.status)}), lines: [reason(entry)]}),
  "client.tags.changed": tagsChanged,
  "client.merged": (data) => ({icon: "merge", tone: "accent", title: t("merged", {ids: list(data.merged_ids ?? []), n: (data.merged_ids ?? []).length}), lines: [data.cause?.actor && t("by", {actor: data.cause.actor})], quote: noteSaid(data.note)}),
  "audience.entered": audience("entered"),
  "audience.left": audience("left"),
  "action.requested": asked,
};
