// Who the client is and how to reach it, changed in place; only what was changed is sent.

import {useState} from "../../vendor/preact.js";
import {id as inPath, patch} from "../../lib/api.js";
import {Button, Callout, Check, Dialog, IconButton, Select, Text, html} from "../../lib/parts.js";
import {refusal} from "../../lib/refusals.js";
import {labelOf} from "../../lib/labels.js";
import {WAIT_SECONDS, useSaving} from "./saving.js";
import {t} from "./words.js";

const CLASSIFIED = ["client_type", "industry", "headcount"];
const INPUTS = {number: "number", date: "date", email: "email", phone: "tel", url: "url"};

// What others change meanwhile stays: compared is with the card as it was when it was opened.
export function EditClient({business, changed, onClose, ...opened}) {
  const [{card, known}] = useState(opened);
  const [form, setForm] = useState(() => formOf(card, known));
  const {busy, error, save} = useSaving(
    () => patch(business, `/clients/${inPath(card.client_id)}`, changesOf(form, card, known), {wait: WAIT_SECONDS}),
    () => {
      changed();
      onClose();
    },
  );
  const submit = (event) => {
    event.preventDefault();
    if (Object.keys(changesOf(form, card, known)).length) save();
    else onClose();
  };
  const footer = html`<${Button} onClick=${onClose}>${t("cancel")}<//><${Button} kind="primary" type="submit" form="edit-client" busy=${busy}>${t("save")}<//>`;
  return html`<${Dialog} title=${t("editTitle")} onClose=${onClose} footer=${footer} wide>
    <form id="edit-client" class="stack" onSubmit=${submit}>
      <${Fields} card=${card} known=${known} form=${form} setForm=${setForm} error=${error} />
      ${error ? html`<${Callout} kind="bad">${problemSaid(error, known)}<//>` : null}
    </form>
  <//>`;
}

const wrongField = (error) => (error?.code === "invalid_field_value" ? error.message.match(/^data\.fields\.([^:]+):/)?.[1] : undefined);

// What is wrong with what was entered, in words.
export function problemSaid(error, known) {
  const wrong = wrongField(error);
  return wrong ? t("valueDoesNotFit", {field: known.field(wrong)}) : refusal(error);
}

// The form of everything that staff enter of a client. `one`: a single address and number, as a new client has them.
export function Fields({card, known, form, setForm, error, one = false, children}) {
  const wrong = wrongField(error);
  const put = (name) => (value) => setForm((before) => ({...before, [name]: value}));
  const putField = (fieldId) => (value) => setForm((before) => ({...before, fields: {...before.fields, [fieldId]: value}}));
  return html`
      <${Text} label=${t("name")} autofocus value=${form.name} onValue=${put("name")} maxlength=${200} />
      <div class="edit-two">
        ${one ? html`<${Text} label=${t("email")} type="email" value=${form.emails[0] ?? ""} onValue=${(value) => put("emails")([value])} />
          <${Text} label=${t("phone")} type="tel" value=${form.phones[0] ?? ""} onValue=${(value) => put("phones")([value])} />
          ${children}` : html`<${Several} label=${t("emails")} type="email" values=${form.emails} onValues=${put("emails")} />
          <${Several} label=${t("phones")} type="tel" values=${form.phones} onValues=${put("phones")} />`}
      </div>
      <div class="edit-two">
        <${Text} label=${t("staff")} value=${form.staff_id} onValue=${put("staff_id")} />
        <${Text} label=${t("source")} value=${form.source} onValue=${put("source")} />
        ${CLASSIFIED.filter((kind) => known.lists[kind]?.length || card[kind]).map((kind) => html`<${Select} key=${kind} label=${t(kind)} value=${form[kind]} onValue=${put(kind)} options=${choices(known.lists[kind] ?? [], form[kind])} />`)}
      </div>
      ${known.fields.length ? html`<fieldset class="edit-fields"><legend>${t("ownFields")}</legend><div class="edit-two">${known.fields.map((field) => html`<${OwnField} key=${field.field_id} field=${field} value=${form.fields[field.field_id]} onValue=${putField(field.field_id)} error=${wrong === field.field_id ? t("doesNotFit") : null} />`)}</div></fieldset>` : null}`;
}

const choices = (values, current) => {
  const options = [["", "–"], ...values.map((one) => [one.code, labelOf(one)])];
  return options.some(([code]) => code === current) ? options : [...options, [current, current]];
};

function OwnField({field, value, onValue, error}) {
  const label = labelOf(field) ?? field.field_id;
  if (field.type === "bool") return html`<${Check} label=${label} checked=${value === true} onValue=${onValue} />`;
  if (field.type === "choice") return html`<${Select} label=${label} value=${value} onValue=${onValue} error=${error} options=${choices((field.choices ?? []).map((one) => ({code: one, label: one})), value)} />`;
  return html`<${Text} label=${label} type=${INPUTS[field.type] ?? "text"} step=${field.type === "number" ? "any" : undefined} value=${value} onValue=${onValue} error=${error} />`;
}

// All e-mail addresses, or phone numbers; the first is the main one.
function Several({label, type, values, onValues}) {
  const put = (at, value) => onValues(values.map((one, i) => (i === at ? value : one)));
  return html`<fieldset class="card-several"><legend>${label}</legend>
    ${values.map((value, at) => html`<div key=${at} class="card-several-row"><input class="input" type=${type} value=${value} aria-label=${`${label} ${at + 1}`} autocomplete="off" onInput=${(event) => put(at, event.target.value)} /><${IconButton} icon="trash" label=${t("removeThis", {what: value || label})} onClick=${() => onValues(values.filter((_, i) => i !== at))} /></div>`)}
    <${Button} small icon="plus" onClick=${() => onValues([...values, ""])}>${t("addOne")}<//>
    <p class="hint">${t("firstIsMain")}</p>
  </fieldset>`;
}

export function formOf(card, known) {
  const said = (value) => value ?? "";
  return {
    name: said(card.name), staff_id: said(card.staff_id), source: card.source === "implicit" ? "" : said(card.source),
    emails: [...(card.emails ?? [])], phones: [...(card.phones ?? [])],
    ...Object.fromEntries(CLASSIFIED.map((kind) => [kind, said(card[kind])])),
    fields: Object.fromEntries(known.fields.map(({field_id: fieldId, type}) => {
      const value = card.fields?.[fieldId];
      return [fieldId, type === "bool" ? value : value === undefined ? "" : String(value)];
    })),
  };
}

// What differs from the card, as client.updated says it: null clears.
export function changesOf(form, card, known) {
  const before = formOf(card, known);
  const changes = {};
  for (const name of ["name", "staff_id", "source", ...CLASSIFIED]) {
    if (form[name].trim() !== before[name]) changes[name] = form[name].trim() || null;
  }
  for (const name of ["emails", "phones"]) {
    const values = form[name].map((value) => value.trim()).filter(Boolean);
    if (values.join("\n") !== before[name].join("\n")) changes[name] = values;
  }
  const fields = {};
  for (const {field_id: fieldId, type} of known.fields) {
    if (form.fields[fieldId] !== before.fields[fieldId]) fields[fieldId] = valueOf(type, form.fields[fieldId]);
  }
  return Object.keys(fields).length ? {...changes, fields} : changes;
}

function valueOf(type, value) {
  if (type === "bool") return value;
  if (value === "") return null;
  return type === "number" ? Number(value) : value;
}
