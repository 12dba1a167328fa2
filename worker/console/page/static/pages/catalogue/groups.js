// Status groups: statuses that are searched and filtered together.

import {useState} from "../../vendor/preact.js";
import {useControl} from "../../lib/control.js";
import {Button, Check, Confirm, Empty, Section, StatusChip, Text, html, notify} from "../../lib/parts.js";
import {Link, to} from "../../lib/route.js";
import {Actions} from "./actions.js";
import {labelOf} from "../../lib/labels.js";
import {FormDialog, useCode} from "./forms.js";
import {Ordered} from "./ordered.js";
import {t} from "./statuses.words.js";
import {t as common} from "./words.js";

export default function Groups({business, settings, again, mayChange}) {
  const control = useControl(business, again);
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  const byCode = new Map(settings.statuses.map((status) => [status.code, status]));
  const add = mayChange ? html`<${Button} kind="primary" icon="plus" onClick=${() => setOpen({form: true})}>${t("addGroup")}<//>` : null;
  const put = ({code, name, statuses}, order) => control.send("status_group.define", {code, name, statuses, order});
  const remove = async () => {
    await control.send("status_group.remove", {code: open.group.code});
    notify(common("removed", {what: open.group.name}));
  };
  return html`<${Section} class="catalogue" title=${t("groups")} hint=${t("groupsHint")} actions=${add}>
    ${settings.status_groups.length ? html`<${Ordered} items=${settings.status_groups} name=${labelOf} mayChange=${mayChange} again=${again} put=${put}>
      ${(group) => html`<div class="line">
        <div class="line-what"><strong>${group.name}</strong><span class="marks">${group.statuses.map((code) => byCode.get(code)).filter(Boolean).map((status) => html`<${StatusChip} key=${status.code} label=${labelOf(status)} color=${status.color} ended=${status.ended} />`)}${group.statuses.length ? null : html`<span class="mark">${t("empty")}</span>`}</span></div>
        <${Link} class="line-count" href=${to(business, "clients", [], {preset: `status_group:${group.code}`})}>${common("clients", {n: group.statuses.reduce((sum, code) => sum + (byCode.get(code)?.clients ?? 0), 0)})}<//>
        ${mayChange ? html`<${Actions} what=${group.name} onEdit=${() => setOpen({form: true, group})} onRemove=${() => setOpen({group})} />` : null}
      </div>`}
    <//>` : html`<${Empty} icon="filter" title=${t("noGroups")}>${t("noGroupsHint")}<//>`}
    ${open?.form ? html`<${GroupForm} group=${open.group} settings=${settings} control=${control} onClose=${close} />` : null}
    ${open && !open.form ? html`<${Confirm} title=${t("remove", {what: open.group.name})} kind="danger" say=${common("remove")} onClose=${close} act=${remove}><p>${t("removeGroup")}</p><//>` : null}
  <//>`;
}

function GroupForm({group, settings, control, onClose}) {
  const [name, setName] = useState(group?.name ?? "");
  const [chosen, setChosen] = useState(new Set(group?.statuses ?? []));
  const {code, field, wrong} = useCode(name, settings.status_groups.map((one) => one.code));
  const put = (status) => (on) => setChosen((before) => new Set(on ? [...before, status] : [...before].filter((one) => one !== status)));
  const submit = async () => {
    if (!group && wrong) throw new Error(wrong);
    if (!chosen.size) throw new Error(t("memberNeeded"));
    const statuses = settings.statuses.map((status) => status.code).filter((one) => chosen.has(one));
    await control.send("status_group.define", {code: group?.code ?? code, name, statuses});
    notify(common(group ? "changed" : "added", {what: name}));
  };
  return html`<${FormDialog} title=${group ? t("edit", {what: group.name}) : t("addGroup")} say=${group ? null : common("add")} control=${control} submit=${submit} onClose=${onClose}>
    <${Text} label=${common("name")} value=${name} onValue=${setName} required maxlength="200" />
    ${group ? null : field}
    <fieldset class="options"><legend>${t("members")}</legend>${settings.statuses.map((status) => html`<${Check} key=${status.code} label=${html`<${StatusChip} label=${labelOf(status)} color=${status.color} ended=${status.ended} />`} checked=${chosen.has(status.code)} onValue=${put(status.code)} />`)}</fieldset>
  <//>`;
}
