// Audiences: filters under a name that are kept up to date. The conditions are made where clients are searched, too.

import {useState} from "../../vendor/preact.js";
import {get} from "../../lib/api.js";
import {useControl} from "../../lib/control.js";
import {useAsked} from "../../lib/live.js";
import {Button, Confirm, Empty, Section, Text, html, notify} from "../../lib/parts.js";
import {Link, to} from "../../lib/route.js";
import {saidAlone} from "../clients/conditions.js";
import {fieldsOf} from "../clients/fields.js";
import {FilterEditor} from "../clients/filters.js";
import {Actions} from "./actions.js";
import {FormDialog, useCode} from "./forms.js";
import {t} from "./lists.words.js";
import {t as common} from "./words.js";

export default function Audiences({business, settings, again, mayChange}) {
  const control = useControl(business, again);
  const [open, setOpen] = useState(null);
  const audiences = useAsked((signal) => get(business, "/audiences", {}, signal), [business, settings]);
  const counts = useAsked((signal) => get(business, "/counts", {}, signal), [business]);
  const fields = fieldsOf(settings, counts.data);
  const clients = new Map((audiences.data?.items ?? []).map((one) => [one.audience_id, one.clients]));
  const close = () => setOpen(null);
  const add = mayChange ? html`<${Button} kind="primary" icon="plus" onClick=${() => setOpen({form: true})}>${t("addAudience")}<//>` : null;
  const remove = async () => {
    await control.send("audience.remove", {audience_id: open.audience.audience_id});
    notify(common("removed", {what: open.audience.name}));
  };
  const shown = (one) => to(business, "clients", [], {filter: JSON.stringify(one.filter), saved: one.audience_id, ended: "include"});
  return html`<${Section} class="catalogue" title=${t("audiences")} hint=${t("audiencesHint")} actions=${add}>
    ${settings.audiences.length ? html`<ul class="lines-plain">${settings.audiences.map((one) => html`<li key=${one.audience_id} class="line">
      <div class="rule"><p><strong>${one.name}</strong> <code class="hint">${one.audience_id}</code></p><p class="hint">${saidAlone(one.filter, fields)}</p></div>
      ${clients.has(one.audience_id) ? html`<${Link} class="line-count" href=${shown(one)}>${common("clients", {n: clients.get(one.audience_id)})}<//>` : html`<span></span>`}
      ${mayChange ? html`<${Actions} what=${one.name} onEdit=${() => setOpen({form: true, audience: one})} onRemove=${() => setOpen({audience: one})} />` : null}
    </li>`)}</ul>` : html`<${Empty} icon="filter" title=${t("noAudiences")}>${t("noAudiencesHint")}<//>`}
    ${open?.form ? html`<${AudienceForm} audience=${open.audience} settings=${settings} fields=${fields} control=${control} onClose=${close} />` : null}
    ${open && !open.form ? html`<${Confirm} title=${t("remove", {what: open.audience.name})} kind="danger" say=${common("remove")} onClose=${close} act=${remove}><p>${t("removeAudience")}</p><//>` : null}
  <//>`;
}

function AudienceForm({audience, settings, fields, control, onClose}) {
  const [name, setName] = useState(audience?.name ?? "");
  const [filter, setFilter] = useState(audience?.filter ?? null);
  const [editing, setEditing] = useState(false);
  const {code, field, wrong} = useCode(name, settings.audiences.map((one) => one.audience_id));
  const submit = async () => {
    if (!audience && wrong) throw new Error(wrong);
    if (!filter) throw new Error(t("filterNeeded"));
    await control.send("audience.define", {audience_id: audience?.audience_id ?? code, name, filter});
    notify(common(audience ? "changed" : "added", {what: name}));
  };
  return html`<${FormDialog} title=${audience ? t("edit", {what: audience.name}) : t("addAudience")} say=${audience ? null : common("add")} control=${control} submit=${submit} onClose=${onClose}>
    <${Text} label=${common("name")} value=${name} onValue=${setName} required maxlength="200" />
    <div class="field"><strong class="field-title">${t("filter")}</strong><p class="rule">${filter ? saidAlone(filter, fields) : t("filterNeeded")}</p>
      <div><${Button} icon="filter" onClick=${() => setEditing(true)}>${t("editFilter")}<//></div></div>
    ${audience ? null : field}
    <p class="hint">${t("settles")}</p>
  <//>
  ${editing ? html`<${FilterEditor} filter=${filter} fields=${fields} at=${0} onFilter=${setFilter} onClose=${() => setEditing(false)} />` : null}`;
}
