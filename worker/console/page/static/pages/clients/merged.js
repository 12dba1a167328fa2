// What a merge takes over from the other cards, and what it leaves: told from the card as it would be, not from rules.

import {date, money, number} from "../../lib/i18n.js";
import {labelOf} from "../../lib/labels.js";
import {t} from "./words.js";

// What of a card a person would miss: [[label, value], …]
function valuesOf(card, settings) {
  const coded = (items, code) => {
    const found = items?.find((one) => one.code === code);
    return found ? labelOf(found) : code;
  };
  const own = new Map(settings.fields.map((field) => [field.field_id, field]));
  return [
    [t("field_name"), card.name],
    ...(card.emails ?? []).map((email) => [t("field_email"), email]),
    ...(card.phones ?? []).map((phone) => [t("field_phone"), phone]),
    [t("status"), coded(settings.statuses, card.status)],
    ...(card.tags ?? []).map(({tag}) => [t("tags"), tag]),
    [t("field_source"), card.source],
    [t("field_staff_id"), card.staff_id],
    ...["client_type", "industry", "headcount"].map((kind) => [t(`field_${kind}`), card[kind] && coded(settings.classifications[kind], card[kind])]),
    ...Object.entries(card.fields ?? {}).map(([id, value]) => [labelOf(own.get(id)) ?? id, fieldValue(own.get(id)?.type, value)]),
    ...(card.linked_systems ?? []).map((system) => [t("linked"), system]),
    ...(card.cards ?? []).map(({brand, last4}) => [t("paymentCard"), `${brand} ···· ${last4}`]),
    ...Object.entries(card.outstanding ?? {}).map(([currency, amount]) => [t("owes"), money(amount, currency)]),
  ].filter(([, value]) => value !== undefined && value !== null && value !== "");
}

function fieldValue(type, value) {
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "number") return number(value);
  return type === "date" ? date(value) : String(value);
}

const keyOf = ([label, value]) => `${label}\n${String(value).toLowerCase()}`;

function grouped(pairs) {
  const found = new Map();
  for (const [label, value] of pairs) found.set(label, [...(found.get(label) ?? []), value].filter((one, at, all) => all.indexOf(one) === at));
  return [...found].map(([label, values]) => ({label, values}));
}

// -> {taken, left}: [{label, values}, …]. What is owed is a sum, so nothing of it is ever left behind.
export function compared(card, cards, primary, settings) {
  const before = new Set(valuesOf(cards.find(({client_id: id}) => id === primary), settings).map(keyOf));
  const result = valuesOf(card, settings);
  const after = new Set(result.map(keyOf));
  const others = cards.filter(({client_id: id}) => id !== primary).flatMap((one) => valuesOf(one, settings));
  return {
    taken: grouped(result.filter((pair) => !before.has(keyOf(pair)))),
    left: grouped(others.filter((pair) => !after.has(keyOf(pair)) && pair[0] !== t("owes"))),
  };
}
