// The condition of a tag rule over the data of an event: a list of comparisons that must all hold, or JSON for the rest.

import {useId} from "../../vendor/preact.js";
import {Button, Field, IconButton, html} from "../../lib/parts.js";
import {t} from "./lists.words.js";

const OPS = ["eq", "ne", "contains", "starts_with", "in", "gt", "gte", "lt", "lte", "exists"];
const ORDER = new Set(["gt", "gte", "lt", "lte"]);
const NUMBERS = new Set(["score"]);
const EMPTY = {field: "", op: "eq", value: ""};

// A condition as lines of the list; null when the list cannot show it, such as a text that it would take for a number.
export function linesOf(where) {
  if (!where) return [];
  const nodes = Array.isArray(where.all) && Object.keys(where).length === 1 ? where.all : [where];
  const lines = nodes.map((node) => typeof node?.field === "string" && OPS.includes(node.op) && {field: node.field, op: node.op, value: shown(node)});
  return lines.every((line, at) => line && same(whereOf([line]), nodes[at])) ? lines : null;
}

const shown = ({op, value}) => (op === "exists" ? "" : [value].flat().map(String).join(", "));
const same = (one, {field, op, value}) => one?.field === field && (op === "exists" ? value !== false : JSON.stringify(one.value) === JSON.stringify(value));

export function whereOf(lines) {
  const nodes = lines.filter(({field}) => field.trim()).map(({field, op, value}) => ({field: field.trim(), op, ...(op === "exists" ? {value: true} : {value: valueOf(field, op, value)})}));
  return nodes.length > 1 ? {all: nodes} : (nodes[0] ?? null);
}

function valueOf(field, op, text) {
  if (op === "in") return text.split(",").map((one) => one.trim()).filter(Boolean);
  const isNumber = /^-?\d+(\.\d+)?$/.test(text.trim());
  if (isNumber && (ORDER.has(op) || NUMBERS.has(field))) return Number(text);
  if (["true", "false"].includes(text.trim())) return text.trim() === "true";
  return text.trim();
}

// The condition in words: "campaign_id is spring".
export function inWords(where) {
  const lines = linesOf(where);
  if (!lines) return JSON.stringify(where);
  return lines.map(({field, op, value}) => [field, t(op), value].filter(Boolean).join(" ")).join(" · ");
}

export function Where({lines, json, known, onLines, onJson}) {
  const id = useId();
  const put = (at, change) => onLines(lines.map((line, other) => (other === at ? {...line, ...change} : line)));
  if (lines === null) {
    return html`<div class="where"><${Field} label=${t("where")} hint=${t("complicated")}>${(props) => html`<textarea class="input json" spellcheck=${false} value=${json} onInput=${(e) => onJson(e.target.value)} ...${props}></textarea>`}<//>
      <${Button} kind="quiet" small onClick=${() => onLines([])}>${t("simple")}<//></div>`;
  }
  return html`<fieldset class="where options"><legend>${t("where")}</legend><p class="hint">${t("whereHint")}</p>
    <datalist id=${id}>${known.map((name) => html`<option key=${name} value=${name} />`)}</datalist>
    ${lines.map((line, at) => html`<div key=${at} class="where-line" role="group" aria-label=${t("condition", {n: at + 1})}>
      <input class="input mono" aria-label=${t("field")} placeholder=${known[0] ?? t("field")} list=${id} value=${line.field} spellcheck=${false} autocomplete="off" onInput=${(e) => put(at, {field: e.target.value})} />
      <select class="input" aria-label=${t("op")} value=${line.op} onChange=${(e) => put(at, {op: e.target.value})}>${OPS.map((op) => html`<option key=${op} value=${op} selected=${op === line.op}>${t(op)}</option>`)}</select>
      ${line.op === "exists" ? html`<span></span>` : html`<input class="input" aria-label=${t("value")} value=${line.value} autocomplete="off" onInput=${(e) => put(at, {value: e.target.value})} />`}
      <${IconButton} icon="trash" label=${t("removeCondition", {n: at + 1})} onClick=${() => onLines(lines.filter((_, other) => other !== at))} />
    </div>`)}
    <div class="row"><${Button} small icon="plus" onClick=${() => onLines([...lines, EMPTY])}>${t("addCondition")}<//><${Button} kind="quiet" small onClick=${() => onJson(JSON.stringify(whereOf(lines), null, 2))}>${t("advanced")}<//></div>
  </fieldset>`;
}
