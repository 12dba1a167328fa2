// Fields of a business's own: what they are called, which values they take, on which forms they stand.

import {useState} from "../../vendor/preact.js";
import {useControl} from "../../lib/control.js";
import {Button, Confirm, Empty, Field, Progress, Section, Select, Switch, Text, html, notify} from "../../lib/parts.js";
import {Actions} from "./actions.js";
import {labelOf} from "../../lib/labels.js";
import {FormDialog, useCode, useNames} from "./forms.js";
import {t} from "./lists.words.js";
import {t as common} from "./words.js";

const TYPES = ["text", "number", "date", "bool", "email", "phone", "url", "choice"];
const split = (text, by) => text.split(by).map((part) => part.trim()).filter(Boolean);

export default function Fields({business, settings, again, mayChange}) {
  const control = useControl(business, again);
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  const add = mayChange ? html`<${Button} kind="primary" icon="plus" onClick=${() => setOpen({form: true})}>${t("addField")}<//>` : null;
  return html`<${Section} class="catalogue" title=${t("fields")} hint=${t("fieldsHint")} actions=${add}>
    ${settings.fields.length ? html`<ul class="lines-plain">${settings.fields.map((field) => html`<li key=${field.field_id} class="line line-wide">
      <div class="line-what"><strong>${labelOf(field)}</strong><span class="marks"><span class="mark mark-role">${t(field.type)}</span>${field.required ? html`<span class="mark">${t("required")}</span>` : null}${field.forms.map((form) => html`<span key=${form} class="mark">${form}</span>`)}</span>
        ${field.choices?.length ? html`<span class="hint line-more">${field.choices.join(" · ")}</span>` : null}</div>
      ${mayChange ? html`<${Actions} what=${labelOf(field)} onEdit=${() => setOpen({form: true, field})} onRemove=${() => setOpen({field})} />` : null}
    </li>`)}</ul>` : html`<${Empty} icon="edit" title=${t("noFields")}>${t("noFieldsHint")}<//>`}
    ${open?.form ? html`<${FieldForm} field=${open.field} settings=${settings} control=${control} onClose=${close} />` : null}
    ${open && !open.form ? html`<${Removal} field=${open.field} control=${control} onClose=${close} />` : null}
  <//>`;
}

function Removal({field, control, onClose}) {
  const what = labelOf(field);
  const act = async () => {
    const {totals} = await control.send("field.remove", {field_id: field.field_id});
    notify(totals?.changed ? t("valuesGone", {what, n: totals.changed}) : common("removed", {what}));
  };
  return html`<${Confirm} title=${t("remove", {what})} kind="danger" say=${common("remove")} onClose=${() => control.busy || onClose()} act=${act}>
    <p>${t("removeField")} ${common("sure")}</p>
    ${control.progress ? html`<${Progress} ...${control.progress} label=${common("moving")} />` : null}
  <//>`;
}

function FieldForm({field, settings, control, onClose}) {
  const names = useNames(field, settings.locale);
  const {code, field: codeField, wrong} = useCode(names.main, settings.fields.map((one) => one.field_id));
  const [type, setType] = useState(field?.type ?? "text");
  const [choices, setChoices] = useState((field?.choices ?? []).join("\n"));
  const [required, setRequired] = useState(field?.required ?? false);
  const [forms, setForms] = useState((field?.forms ?? []).join(", "));
  const submit = async () => {
    if (!field && wrong) throw new Error(wrong);
    const offered = split(choices, "\n");
    if (type === "choice" && !offered.length) throw new Error(t("choicesNeeded"));
    const label = names.label() ?? (Object.keys(field.labels ?? {}).length ? field.labels : field.label);
    await control.send("field.define", {field_id: field?.field_id ?? code, label, type, required, forms: split(forms, ","), ...(type === "choice" ? {choices: offered} : {})});
    notify(common(field ? "changed" : "added", {what: names.main}));
  };
  return html`<${FormDialog} title=${field ? t("edit", {what: labelOf(field)}) : t("addField")} say=${field ? null : common("add")} control=${control} submit=${submit} onClose=${onClose}>
    ${names.fields}
    ${field ? null : codeField}
    <${Select} label=${t("type")} hint=${field ? t("typeHint") : null} value=${type} onValue=${setType} options=${TYPES.map((one) => [one, t(one)])} />
    ${type === "choice" ? html`<${Field} label=${t("choices")} hint=${t("choicesHint")} required>${(props) => html`<textarea class="input" value=${choices} onInput=${(e) => setChoices(e.target.value)} ...${props}></textarea>`}<//>` : null}
    <${Switch} label=${t("requiredField")} hint=${t("requiredHint")} checked=${required} onValue=${setRequired} />
    <${Text} label=${t("forms")} hint=${t("formsHint")} value=${forms} onValue=${setForms} />
  <//>`;
}
