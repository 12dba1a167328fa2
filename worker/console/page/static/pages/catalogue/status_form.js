// Adds a status, or changes one: its names, colour, switches and role.

import {useState} from "../../vendor/preact.js";
import {Field, Select, StatusChip, Switch, html, notify} from "../../lib/parts.js";
import {labelOf} from "../../lib/labels.js";
import {FormDialog, useCode, useNames} from "./forms.js";
import {t} from "./statuses.words.js";
import {t as common} from "./words.js";

const ROLES = ["initial", "converted", "dormant"];
const SWITCHES = ["project_allowed", "supplier_allowed", "ended"];
const PALETTE = ["#4C7BD9", "#2E9E5B", "#C99A2E", "#8A8F98", "#B0539F", "#D9644C", "#2E9AA6", "#7B5BD9", "#6F9E2E", "#D94C7B", "#4C9ED9", "#A6672E"];
const NEW = {project_allowed: true, supplier_allowed: true, ended: false, role: ""};

export function StatusForm({status, settings, control, onClose}) {
  const names = useNames(status, settings.locale);
  const used = new Set(settings.statuses.map((one) => one.color.toUpperCase()));
  const before = status ? {...status, role: status.role ?? ""} : {...NEW, color: PALETTE.find((color) => !used.has(color)) ?? PALETTE[0]};
  const [values, setValues] = useState(Object.fromEntries(["color", "role", ...SWITCHES].map((name) => [name, before[name]])));
  const {code, field, wrong} = useCode(names.main, settings.statuses.map((one) => one.code));
  const put = (name) => (value) => setValues((now) => ({...now, [name]: value}));
  const submit = async () => {
    if (!status && wrong) throw new Error(wrong);
    const label = names.label();
    const changed = Object.fromEntries(Object.entries(values).filter(([name, value]) => (status ? value !== before[name] : value !== "")));
    await control.send("status.define", {code: status?.code ?? code, ...changed, ...(label === undefined ? {} : {label})});
    notify(common(status ? "changed" : "added", {what: names.main}));
  };
  const roles = [["", t("noRole")], ...ROLES.map((role) => [role, `${t(role)}: ${t(`${role}Hint`)}`])];
  return html`<${FormDialog} title=${status ? t("edit", {what: labelOf(status)}) : t("add")} say=${status ? null : common("add")} control=${control} submit=${submit} onClose=${onClose}>
    ${names.fields}
    ${status ? null : field}
    <div class="color-choice"><${Field} label=${t("color")}>${(props) => html`<input type="color" class="input" value=${values.color.toLowerCase()} onInput=${(e) => put("color")(e.target.value.toUpperCase())} ...${props} />`}<//>
      <${StatusChip} label=${names.main || "…"} color=${values.color} ended=${values.ended} /></div>
    ${SWITCHES.map((name) => html`<${Switch} key=${name} label=${t(name)} hint=${t(`${name}Hint`)} checked=${values[name]} onValue=${put(name)} />`)}
    <${Select} label=${t("role")} hint=${before.role ? t("roleStays") : values.role ? t("roleMoves") : null} value=${values.role} disabled=${Boolean(before.role)} options=${roles} onValue=${put("role")} />
  <//>`;
}
