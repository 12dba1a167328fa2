// What a filter can ask of a client: the fields, what each can be compared with, and how.

import {labelOf} from "../../lib/labels.js";
import {t} from "./words.js";

// Operators by kind, without those that mean the same as another (SAME). `between` and `missing` are written as others.
export const OPERATORS = {
  code: ["in", "not_in", "exists", "missing"],
  set: ["has_any", "has_all", "has_none", "exists", "missing"],
  text: ["contains", "starts_with", "in", "not_in", "exists", "missing"],
  phone: ["starts_with", "contains", "in", "not_in", "exists", "missing"],
  number: ["eq", "ne", "gte", "lte", "gt", "lt", "between", "exists", "missing"],
  time: ["gte", "lte", "between", "eq", "gt", "lt", "exists", "missing"],
  flag: ["eq", "exists", "missing"],
};
export const SAME = {
  code: {eq: "in", ne: "not_in"},
  text: {eq: "in", ne: "not_in"},
  phone: {eq: "in", ne: "not_in"},
  set: {eq: "has_any", contains: "has_any", in: "has_any", ne: "has_none", not_in: "has_none"},
};
export const LISTS = new Set(["in", "not_in", "has_any", "has_all", "has_none"]);
export const BARE = new Set(["exists", "missing"]);

const KIND_OF_TYPE = {text: "text", number: "number", date: "time", bool: "flag", email: "text", phone: "phone", url: "text", choice: "code"};
const COUNTS = ["attended", "no_shows", "cancelled", "invoices", "payments", "messages_in", "messages_out", "documents"];
const CLASSIFICATIONS = ["client_type", "industry", "headcount"];

// -> [{id, label, group, kind, always?, options?: [[value, label]], suggestions?: [text]}]; `always`: it has a value in every client.
export function fieldsOf(settings, counts) {
  const plain = (id, group, kind, more = {}) => ({id, label: t(`field_${id}`), group, kind, ...more});
  const coded = (items) => items.map((item) => [item.code, labelOf(item)]);
  return [
    plain("status", "status", "code", {always: true, options: coded(settings.statuses)}),
    ...(settings.status_groups.length ? [plain("status_group", "status", "set", {options: coded(settings.status_groups)})] : []),
    plain("ended", "status", "flag", {always: true}),
    plain("tags", "client", "set", {suggestions: (counts?.tags ?? []).map(({tag}) => tag)}),
    plain("source", "client", "text", {suggestions: (counts?.sources ?? []).map(({source}) => source)}),
    plain("created_at", "client", "time", {always: true}),
    plain("last_activity_at", "client", "time"),
    plain("name", "client", "text"),
    plain("email", "client", "text"),
    plain("phone", "client", "phone"),
    plain("staff_id", "client", "code"),
    plain("score", "client", "number"),
    ...CLASSIFICATIONS.filter((kind) => settings.classifications[kind]?.length).map((kind) => plain(kind, "client", "code", {options: coded(settings.classifications[kind])})),
    ...settings.fields.map((own) => ({
      id: `fields.${own.field_id}`, label: labelOf(own), group: "own", kind: KIND_OF_TYPE[own.type] ?? "text",
      options: own.type === "choice" ? own.choices.map((choice) => [choice, choice]) : undefined,
    })),
    ...COUNTS.map((name) => ({id: `counts.${name}`, label: t(`count_${name}`), group: "counts", kind: "number", always: true})),
  ];
}

export const operatorsOf = (field) => OPERATORS[field.kind].filter((op) => !(field.always && BARE.has(op)));
