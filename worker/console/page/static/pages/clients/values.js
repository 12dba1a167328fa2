// What a condition compares with: a control that fits the field and the operator.

import {html} from "../../lib/parts.js";
import {Tokens} from "../../lib/tokens.js";
import {BARE, LISTS} from "./fields.js";
import {t} from "./words.js";

export function Value({condition: {op, value}, field, onValue}) {
  if (BARE.has(op)) return null;
  if (field.kind === "flag") return html`<${YesNo} value=${value} onValue=${onValue} />`;
  if (op === "between") {
    const at = (place, one) => onValue(value.map((other, number) => (number === place ? one : other)));
    return html`<div class="between"><${One} field=${field} label=${t("from")} value=${value[0]} onValue=${(one) => at(0, one)} /><span aria-hidden="true">–</span><${One} field=${field} label=${t("until")} value=${value[1]} onValue=${(one) => at(1, one)} /></div>`;
  }
  if (!LISTS.has(op)) return html`<${One} field=${field} label=${t("value")} value=${value} onValue=${onValue} />`;
  if (field.options) return html`<${Choices} options=${field.options} value=${value} onValue=${onValue} />`;
  return html`<${Tokens} hideLabel label=${t("values")} values=${value} onValues=${onValue} suggestions=${field.suggestions} placeholder=${t("severalHint")} />`;
}

const YesNo = ({value, onValue}) => html`<select class="input" aria-label=${t("value")} value=${String(value)} onChange=${(e) => onValue(e.target.value === "true")}>
  ${[true, false].map((one) => html`<option key=${one} value=${String(one)} selected=${one === value}>${t(one ? "yes" : "no")}</option>`)}
</select>`;

function One({field, label, value, onValue}) {
  if (field.kind === "number") {
    const typed = ({target}) => onValue(target.value === "" ? "" : target.valueAsNumber);
    return html`<input class="input" type="number" step="any" aria-label=${label} value=${value} onInput=${typed} />`;
  }
  const plainDay = field.kind === "time" && (!value || /^\d{4}-\d\d-\d\d$/.test(value));
  return html`<input class="input" type=${plainDay ? "date" : "text"} aria-label=${label} value=${value} autocomplete="off" maxlength="1000" onInput=${(e) => onValue(e.target.value)} />`;
}

// Those that are chosen but not there any more stay on show, so that they can be taken out.
function Choices({options, value, onValue}) {
  const gone = value.filter((one) => !options.some(([code]) => code === one)).map((one) => [one, one]);
  const toggle = (code) => onValue(value.includes(code) ? value.filter((one) => one !== code) : [...value, code]);
  return html`<div class="picks" role="group" aria-label=${t("values")}>${[...options, ...gone].map(([code, label]) => html`<label key=${code} class="pick"><input type="checkbox" checked=${value.includes(code)} onChange=${() => toggle(code)} /><span>${label}</span></label>`)}</div>`;
}
