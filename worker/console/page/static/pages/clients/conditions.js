// The worker's filter language as people read and change it: conditions in words, and back to what the worker takes.
// What a condition cannot show (groups within groups) stays as it is, and is told in words.

import {date, dateTime, language, number} from "../../lib/i18n.js";
import {BARE, LISTS, OPERATORS, SAME} from "./fields.js";
import {t} from "./words.js";

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// A filter -> {match: "all" | "any", nodes: [filter, …]}, and back.
export function opened(filter) {
  if (!isObject(filter)) return {match: "all", nodes: []};
  if (Array.isArray(filter.all)) return {match: "all", nodes: filter.all};
  if (Array.isArray(filter.any) && filter.any.length) return {match: "any", nodes: filter.any};
  return {match: "all", nodes: [filter]};
}

export function closed(match, nodes) {
  if (nodes.length < 2) return nodes[0] ?? null;
  return {[match]: nodes};
}

// A node of a filter as {field, op, value}, if the editor can show it; else null.
export function shown(node, fields) {
  if (!isObject(node)) return null;
  const between = rangeOf(node);
  const {field: id, op, value} = between ?? node;
  const field = fields.find((one) => one.id === id);
  if (!field) return null;
  if (op === "exists") return {field: id, op: value === false ? "missing" : "exists", value: null};
  const same = SAME[field.kind]?.[op] ?? op;
  if (!OPERATORS[field.kind].includes(same)) return null;
  return {field: id, op: same, value: LISTS.has(same) && !Array.isArray(value) ? [value] : value};
}

function rangeOf(node) {
  const [from, until, ...more] = node.all ?? [];
  if (!from || !until || more.length || from.op !== "gte" || until.op !== "lte" || from.field !== until.field) return null;
  return {field: from.field, op: "between", value: [from.value, until.value]};
}

export function written({field, op, value}) {
  if (op === "between") return {all: [{field, op: "gte", value: value[0]}, {field, op: "lte", value: value[1]}]};
  if (BARE.has(op)) return {field, op: "exists", value: op === "exists"};
  return {field, op, value};
}

// Is there all that the operator needs?
export function whole({op, value}) {
  if (BARE.has(op)) return true;
  const given = (one) => one !== undefined && one !== null && one !== "";
  if (op === "between") return Array.isArray(value) && value.length === 2 && value.every(given) && value[0] <= value[1];
  return LISTS.has(op) ? Array.isArray(value) && value.length > 0 : given(value);
}

// A node in words: "Status is Lead or VIP".
export function said(node, fields) {
  if (!isObject(node)) return "?";
  const condition = shown(node, fields);
  if (condition) return conditionSaid(condition, fields.find(({id}) => id === condition.field));
  if (Array.isArray(node.all)) return joined(node.all, "and", fields);
  if (Array.isArray(node.any)) return joined(node.any, "or", fields);
  if ("not" in node) return t("notThat", {what: said(node.not, fields)});
  return `${String(node.field).replace(/^fields\./, "")} ${node.op} ${either([node.value ?? ""].flat().map(String))}`;
}

// As above, without the brackets that only a part of something needs.
export const saidAlone = (node, fields) => said(node, fields).replace(/^\((.*)\)$/s, "$1");

function joined(nodes, word, fields) {
  if (!nodes.length) return t(word === "and" ? "everybody" : "nobodyAtAll");
  return `(${nodes.map((node) => said(node, fields)).join(` ${t(word)} `)})`;
}

function conditionSaid({op, value}, field) {
  if (field.kind === "flag" && op === "eq") return t("isSo", {field: field.label, value: t(value ? "yes" : "no")});
  if (BARE.has(op)) return t(`say_${op}`, {field: field.label});
  const values = op === "between" ? value : [value].flat();
  const told = values.map((one) => valueSaid(one, field));
  if (op === "between") return t("say_between", {field: field.label, from: told[0], until: told[1]});
  return `${field.label} ${operatorSaid(op, field)} ${op === "has_all" ? told.join(` ${t("and")} `) : either(told)}`;
}

export const operatorSaid = (op, {kind}) => (kind === "time" && !BARE.has(op) && op !== "between" ? t(`time_${op}`) : t(`op_${op}`));

function valueSaid(value, field) {
  const option = field.options?.find(([code]) => code === value);
  if (option) return option[1];
  if (typeof value === "number") return number(value);
  if (field.kind === "time") return /^\d{4}-\d\d-\d\d$/.test(value) ? date(`${value}T12:00:00`) : dateTime(value);
  return String(value);
}

const either = (items) => new Intl.ListFormat(language(), {type: "disjunction"}).format(items);
