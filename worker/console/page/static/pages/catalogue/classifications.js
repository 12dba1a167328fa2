// The four classifications of a business, each a list of values in an order. Which one is shown stands in the address.

import {useState} from "../../vendor/preact.js";
import {get} from "../../lib/api.js";
import {useControl} from "../../lib/control.js";
import {useAsked} from "../../lib/live.js";
import {Button, Callout, Confirm, Empty, Section, TabPanel, Tabs, html, notify} from "../../lib/parts.js";
import {Link, go, to} from "../../lib/route.js";
import {Actions} from "./actions.js";
import {labelOf} from "../../lib/labels.js";
import {FormDialog, useCode, useNames} from "./forms.js";
import {t} from "./lists.words.js";
import {Ordered} from "./ordered.js";
import {t as common} from "./words.js";

const KINDS = ["client_type", "industry", "headcount", "end_reason"];

export default function Classifications({business, route, settings, again, mayChange}) {
  const kind = KINDS.includes(route.query.kind) ? route.query.kind : KINDS[0];
  const choose = (next) => go(to(business, "automation", ["classifications"], {kind: next}), {replace: true});
  const tabs = KINDS.map((one) => [one, t(one), (settings.classifications[one] ?? []).length]);
  return html`<${Section} class="catalogue" title=${t("classifications")} hint=${t("classificationsHint")}>
    <${Tabs} label=${t("lists")} tabs=${tabs} value=${kind} onValue=${choose} />
    <${TabPanel} id=${kind}><${Values} key=${kind} business=${business} kind=${kind} settings=${settings} again=${again} mayChange=${mayChange} /><//>
  <//>`;
}

function Values({business, kind, settings, again, mayChange}) {
  const control = useControl(business, again);
  const [open, setOpen] = useState(null);
  const counts = useAsked((signal) => get(business, "/counts", {}, signal), [business, settings]);
  const clients = Object.fromEntries((counts.data?.classifications[kind] ?? []).map((one) => [one.code, one.clients]));
  const values = settings.classifications[kind] ?? [];
  const close = () => setOpen(null);
  const remove = async () => {
    await control.send("classification.remove", {kind, code: open.value.code});
    notify(common("removed", {what: labelOf(open.value)}));
  };
  const shown = (code) => to(business, "clients", [], {filter: JSON.stringify({field: kind, op: "in", value: [code]}), ended: "include"});
  return html`
    ${values.length ? html`<${Ordered} items=${values} name=${labelOf} mayChange=${mayChange} again=${again} put=${({code}, order) => control.send("classification.define", {kind, code, order})}>
      ${(value) => html`<div class="line">
        <div class="line-what"><strong>${labelOf(value)}</strong>${labelOf(value) === value.code ? null : html`<code class="hint">${value.code}</code>`}</div>
        ${clients[value.code] === undefined ? html`<span></span>` : html`<${Link} class="line-count" href=${shown(value.code)}>${common("clients", {n: clients[value.code]})}<//>`}
        ${mayChange ? html`<${Actions} what=${labelOf(value)} onEdit=${() => setOpen({form: true, value})} onRemove=${() => setOpen({value})} />` : null}
      </div>`}
    <//>` : html`<${Empty} icon="tag" title=${t("noValues")} />`}
    ${mayChange ? html`<div class="below"><${Button} kind=${values.length ? "plain" : "primary"} icon="plus" onClick=${() => setOpen({form: true})}>${t("addValue")}<//></div>` : null}
    ${open?.form ? html`<${ValueForm} kind=${kind} value=${open.value} values=${values} settings=${settings} control=${control} onClose=${close} />` : null}
    ${open && !open.form ? html`<${Confirm} title=${t("remove", {what: labelOf(open.value)})} kind="danger" say=${common("remove")} onClose=${close} act=${remove}>
      ${clients[open.value.code] ? html`<${Callout} kind="warn" action=${html`<${Link} class="button button-plain button-small" href=${shown(open.value.code)}>${t("showThem")}<//>`}>${t("valueInUse", {n: clients[open.value.code]})}<//>` : html`<p>${t("cannotBack")}</p>`}<//>` : null}`;
}

function ValueForm({kind, value, values, settings, control, onClose}) {
  const names = useNames(value, settings.locale);
  const {code, field, wrong} = useCode(names.main, values.map((one) => one.code));
  const submit = async () => {
    if (!value && wrong) throw new Error(wrong);
    const label = names.label();
    await control.send("classification.define", {kind, code: value?.code ?? code, ...(label === undefined ? {} : {label})});
    notify(common(value ? "changed" : "added", {what: names.main}));
  };
  return html`<${FormDialog} title=${value ? t("edit", {what: labelOf(value)}) : t("addTo", {what: t(kind)})} say=${value ? null : common("add")} control=${control} submit=${submit} onClose=${onClose}>
    ${names.fields}${value ? null : field}
  <//>`;
}
