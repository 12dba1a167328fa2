// Why something changed, in a sentence: a cause of the contract and the facts behind it, as a person would tell it.

import {capital, day, money, sameDay, time} from "./i18n.js";
import {sourceSaid} from "./origins.js";
import {t} from "./reasons.words.js";

// How the console itself is named as the source of an event.
const HERE = "client-status-console";
const BOOKINGS = {appointment: "appointment", group_event: "group"};

// because(cause, facts) -> "because the appointment of 10:00 took place".
// facts.because: the event that the cause names, {type, time, data}, where it is known; facts.at: when the change took effect.
export function because(cause, facts = {}) {
  const say = BY_TYPE[cause.type];
  return say ? t("because", {clause: say(cause, facts)}) : t("unknown", {type: cause.type});
}

// "Because the appointment of 10:00 took place; settings of 3 March."
export const why = (cause, facts = {}) => `${capital(because(cause, facts))}${inForce(cause, facts)}.`;

// "Customer since 11:00 because the appointment of 10:00 took place; settings of 3 March."
// facts.revision: of the settings that were in force; facts.settingsAt: when these were made. Both may be left out.
export function since(label, at, cause, facts = {}) {
  const now = facts.now ?? new Date();
  const moment = sameDay(at, now) ? t("sinceTime", {time: time(at)}) : t("sinceDay", {day: day(at, now), time: time(at)});
  return `${t("since", {label, moment, because: because(cause, {...facts, at})})}${inForce(cause, facts)}.`;
}

const BY_SETTINGS = new Set(["automation", "inactivity", "backfill"]);

function inForce(cause, {revision, settingsAt, now}) {
  if (!BY_SETTINGS.has(cause.type)) return "";
  if (settingsAt) return `; ${t("settingsOf", {day: day(settingsAt, now)})}`;
  if (revision === 0) return `; ${t("settingsFirst")}`;
  return revision === undefined || revision === null ? "" : `; ${t("settingsRevision", {revision: String(revision)})}`;
}

const BY_TYPE = {
  created: (cause, facts) => (isCreation(cause) ? origin("created", facts) : t("first", {fact: fact(cause, facts)})),
  import: () => t("imported"),
  automation: (cause, facts) => fact(cause, facts),
  manual: (cause, facts) => byHand(cause, facts),
  rule: (cause, facts) => t("rule", {rule: cause.rule_id ?? "", fact: fact(cause, facts)}),
  merge: (cause) => withActor("merged", cause),
  catalogue: (cause) => withActor(CATALOGUE[cause.event_type] ?? "catalogue", cause),
  inactivity: (_, facts) => (facts.days ? t("quietDays", {n: facts.days}) : t("quiet")),
  backfill: (cause, facts) => (cause.trigger ? t("backfillFact", {fact: t(`any_${cause.trigger}`)}) : withActor("backfill", cause)),
};

const CATALOGUE = {
  "status.remove": "statusRemoved", "audience.define": "audienceDefined", "field.remove": "fieldRemoved", "field.define": "fieldDefined",
  "status.define": "statusDefined", "status_group.define": "groupDefined", "status_group.remove": "groupDefined",
};

const isCreation = ({event_type: type}) => !type || type === "client.created" || type === "client.imported";

function origin(key, {because: event}) {
  const source = event?.data?.source;
  return source ? t("createdFrom", {source: sourceSaid(source)}) : t(key);
}

function byHand(cause, facts) {
  const who = cause.actor ?? null;
  const key = BY_HAND[cause.event_type] ?? "hand";
  if (who) return t(`${key}By`, {actor: who});
  if (cause.event_source && cause.event_source !== HERE && key === "hand") return t("handFrom", {source: cause.event_source});
  return t(key, facts);
}

const BY_HAND = {"tag.rename": "tagRenamed", "tag.delete": "tagDeleted", "client.updated": "dataChanged", "client.erase": "erased"};

const withActor = (key, cause) => (cause.actor ? t("by", {clause: t(key), actor: cause.actor}) : t(key));

// What happened, as a clause: "the appointment of 10:00 took place".
function fact(cause, {because: event, at}) {
  const type = event?.type ?? cause.event_type;
  const data = event?.data ?? {};
  if (cause.trigger === "booking_attended") return t(`${bookingKind(data)}Attended`, {of: moment(data.starts_at ?? data.ends_at, at)});
  const say = FACTS[type];
  if (say) return say(data, at);
  return cause.trigger ? t(`any_${cause.trigger}`) : t("something");
}

const bookingKind = (data) => BOOKINGS[data.kind] ?? "booking";
const booking = (verb) => (data, at) => t(`${bookingKind(data)}${verb}`, {of: moment(data.starts_at, at)});
const invoice = (key) => (data) => t(key, {number: data.number ? ` ${data.number}` : "", amount: amount(data)});
const campaign = (key) => (data) => t(key, {title: data.title ?? data.campaign_id ?? ""});
const plain = (key) => () => t(key);

const FACTS = {
  "booking.scheduled": booking("Scheduled"), "booking.rescheduled": booking("Rescheduled"), "booking.cancelled": booking("Cancelled"),
  "booking.attended": booking("Attended"), "booking.no_show": booking("NoShow"),
  "invoice.issued": invoice("invoiceIssued"), "invoice.cancelled": invoice("invoiceCancelled"),
  "payment.received": (data) => t("paid", {amount: amount(data)}), "payment.recorded": (data) => t("recorded", {amount: amount(data)}),
  "payment.refunded": (data) => t("refunded", {amount: amount(data)}),
  "client.created": plain("created"), "client.imported": plain("imported"), "client.updated": plain("dataChanged"),
  "client.messaged": (data) => t(data.direction === "out" ? "written" : "any_message_received"),
  "client.noted": plain("noted"), "client.documented": plain("documented"), "client.card_saved": plain("cardSaved"),
  "client.reviewed": (data) => (data.score ? t("reviewedWith", {n: data.score}) : t("reviewed")),
  "campaign.delivered": campaign("campaignDelivered"), "campaign.viewed": campaign("campaignViewed"), "campaign.clicked": campaign("campaignClicked"),
  "client.status.changed": plain("statusChanged"), "status.set": plain("statusChanged"), "status.remove": plain("statusRemoved"),
  "clients.merge": plain("merged"), "clients.reevaluate": plain("backfill"), "automation.set": plain("automationSet"),
};

// " of 10:00", or " of 2 March, 10:00" when that is another day than the change.
function moment(value, at) {
  if (!value) return "";
  return at && sameDay(value, at) ? t("ofTime", {time: time(value)}) : t("ofDay", {day: day(value), time: time(value)});
}

function amount({amount: value, currency}) {
  if (!value) return "";
  return t("ofAmount", {amount: currency ? money(value, currency) : String(value)});
}
