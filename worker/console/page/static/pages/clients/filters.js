// The advanced filters: a chip for each condition, and the dialog in which they are made.

import {useEffect, useRef, useState} from "../../vendor/preact.js";
import {Icon} from "../../lib/icons.js";
import {Button, Dialog, Empty, IconButton, html} from "../../lib/parts.js";
import {closed, opened, operatorSaid, saidAlone, shown, whole, written} from "./conditions.js";
import {LISTS, operatorsOf} from "./fields.js";
import {Value} from "./values.js";
import {t} from "./words.js";

const GROUPS = ["client", "status", "own", "counts"];
let numbers = 0;

export function FilterChips({filter, fields, onFilter, onEdit}) {
  const bar = useRef(null);
  const {match, nodes} = opened(filter);
  if (!nodes.length) return null;
  const without = (at) => {
    onFilter(closed(match, nodes.filter((_, other) => other !== at)));
    setTimeout(() => bar.current?.querySelector("button")?.focus());
  };
  return html`<ul class="filter-chips" ref=${bar} aria-label=${t("filters")}>
    ${nodes.map((node, at) => {
      const words = saidAlone(node, fields);
      return html`<li key=${`${at} ${words}`} class="filter-chip">
        ${at ? html`<span class="filter-word">${t(match === "all" ? "and" : "or")}</span>` : null}
        <span class="filter-box"><button type="button" class="filter-words" title=${words} onClick=${() => onEdit(at)}>${words}</button>
        <button type="button" class="filter-remove" aria-label=${t("removeFilter", {what: words})} onClick=${() => without(at)}><${Icon} name="close" size=${14} /></button></span>
      </li>`;
    })}
  </ul>`;
}

const lineOf = (node, fields) => ({key: (numbers += 1), node, condition: shown(node, fields)});
const fresh = (field) => ({key: (numbers += 1), node: null, condition: started(field)});

function started(field) {
  const [op] = operatorsOf(field);
  return {field: field.id, op, value: emptyFor(op, field)};
}

const emptyFor = (op, field) => (op === "between" ? ["", ""] : LISTS.has(op) ? [] : field.kind === "flag" ? true : "");

// The conditions together. `at`: the one that was asked for; past the end: a new one.
export function FilterEditor({filter, fields, at, onFilter, onClose}) {
  const [match, setMatch] = useState(() => opened(filter).match);
  const [lines, setLines] = useState(() => {
    const all = opened(filter).nodes.map((node) => lineOf(node, fields));
    return at < all.length ? all : [...all, fresh(fields.find(({id}) => id === "status"))];
  });
  const [asked, setAsked] = useState(false);
  const list = useRef(null);
  useEffect(() => focusLine(list.current, Math.min(at, lines.length - 1)), []);
  const change = (key, condition) => setLines((all) => all.map((line) => (line.key === key ? {...line, condition, node: null} : line)));
  const remove = (key) => {
    setLines((all) => all.filter((line) => line.key !== key));
    setTimeout(() => focusLine(list.current, 0));
  };
  const add = () => {
    setLines((all) => [...all, fresh(fields[0])]);
    setTimeout(() => focusLine(list.current, lines.length));
  };
  const apply = (event) => {
    event.preventDefault();
    const bad = lines.findIndex(({node, condition}) => !node && !whole(condition));
    if (bad >= 0) {
      setAsked(true);
      focusLine(list.current, bad, true);
      return;
    }
    onFilter(closed(match, lines.map(({node, condition}) => node ?? written(condition))));
    onClose();
  };
  const footer = html`<${Button} onClick=${onClose}>${t("cancel")}<//><${Button} kind="primary" onClick=${apply}>${t("apply")}<//>`;
  return html`<${Dialog} title=${t("filters")} wide onClose=${onClose} footer=${footer}><form class="filter-form" onSubmit=${apply}>
    ${lines.length > 1 ? html`<div class="match" role="radiogroup" aria-label=${t("match")}>
      ${["all", "any"].map((one) => html`<label key=${one} class="check"><input type="radio" name="match" checked=${match === one} onChange=${() => setMatch(one)} /><span>${t(`match_${one}`)}</span></label>`)}
    </div>` : null}
    <ol class="conditions" ref=${list}>${lines.map((line, number) => html`<li key=${line.key}>
      <fieldset class="condition"><legend class="visually-hidden">${t("condition", {number: number + 1})}</legend>
        ${line.condition ? html`<${Condition} condition=${line.condition} fields=${fields} wrong=${asked && !line.node && !whole(line.condition)} onChange=${(condition) => change(line.key, condition)} />` : html`<${Kept} words=${saidAlone(line.node, fields)} />`}
        <${IconButton} icon="trash" label=${t("removeCondition", {number: number + 1})} onClick=${() => remove(line.key)} />
      </fieldset></li>`)}</ol>
    ${lines.length ? null : html`<${Empty} icon="filter" title=${t("noConditions")} />`}
    <div><${Button} icon="plus" onClick=${add}>${t("addCondition")}<//></div>
    <button type="submit" class="visually-hidden" tabindex="-1" aria-hidden="true"></button>
  </form><//>`;
}

function focusLine(list, number, value = false) {
  const line = list?.querySelectorAll(".condition")[number];
  const controls = [...(line?.querySelectorAll("select, input:not([type=hidden])") ?? [])];
  (controls[value ? Math.min(2, controls.length - 1) : 0] ?? line?.querySelector("button"))?.focus();
}

const Kept = ({words}) => html`<p class="condition-kept"><span>${words}</span><small class="hint">${t("keptHint")}</small></p>`;

function Condition({condition, fields, wrong, onChange}) {
  const field = fields.find(({id}) => id === condition.field);
  const operators = operatorsOf(field);
  const chosenField = (id) => onChange(started(fields.find((one) => one.id === id)));
  const chosenOp = (op) => {
    const alike = LISTS.has(op) === LISTS.has(condition.op) && (op === "between") === (condition.op === "between") && condition.value !== null;
    onChange({...condition, op, value: alike ? condition.value : emptyFor(op, field)});
  };
  return html`<div class="condition-parts">
    <select class="input" aria-label=${t("field")} value=${field.id} onChange=${(e) => chosenField(e.target.value)}>
      ${GROUPS.map((group) => [group, fields.filter((one) => one.group === group)]).filter(([, some]) => some.length).map(([group, some]) => html`<optgroup key=${group} label=${t(`group_${group}`)}>
        ${some.map((one) => html`<option key=${one.id} value=${one.id} selected=${one.id === field.id}>${one.label}</option>`)}</optgroup>`)}
    </select>
    <select class="input" aria-label=${t("operator")} value=${condition.op} onChange=${(e) => chosenOp(e.target.value)}>
      ${operators.map((op) => html`<option key=${op} value=${op} selected=${op === condition.op}>${operatorSaid(op, field)}</option>`)}
    </select>
    <div class="condition-value"><${Value} condition=${condition} field=${field} onValue=${(value) => onChange({...condition, value})} />
      ${wrong ? html`<p class="field-error" role="alert">${t(condition.op === "between" ? "needBetween" : "needValue")}</p>` : null}</div>
  </div>`;
}
