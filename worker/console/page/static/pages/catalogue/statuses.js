// The statuses of a business in their order: added, renamed, recoloured, moved, given roles, removed.

import {useState} from "../../vendor/preact.js";
import {useControl} from "../../lib/control.js";
import {Button, Confirm, Dialog, Progress, Section, Select, StatusChip, html, notify} from "../../lib/parts.js";
import {Link, to} from "../../lib/route.js";
import {Actions} from "./actions.js";
import {labelOf} from "../../lib/labels.js";
import {Ordered} from "./ordered.js";
import {StatusForm} from "./status_form.js";
import {t} from "./statuses.words.js";
import {t as common} from "./words.js";

export default function Statuses({business, settings, again, mayChange}) {
  const control = useControl(business, again);
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  const add = mayChange ? html`<${Button} kind="primary" icon="plus" onClick=${() => setOpen({form: true})}>${t("add")}<//>` : null;
  return html`<${Section} class="catalogue" title=${t("title")} hint=${t("hint")} actions=${add}>
    <${Ordered} items=${settings.statuses} name=${labelOf} mayChange=${mayChange} again=${again} put=${({code}, order) => control.send("status.define", {code, order})}>
      ${(status) => html`<${Line} business=${business} status=${status}>
        ${mayChange ? html`<${Actions} what=${labelOf(status)} onEdit=${() => setOpen({form: true, status})} onRemove=${() => setOpen({status})} />` : null}
      <//>`}
    <//>
    ${open?.form ? html`<${StatusForm} status=${open.status} settings=${settings} control=${control} onClose=${close} />` : null}
    ${open && !open.form ? html`<${Removal} status=${open.status} settings=${settings} control=${control} onClose=${close} />` : null}
  <//>`;
}

const Line = ({business, status, children}) => html`<div class="line">
  <div class="line-what"><${StatusChip} label=${labelOf(status)} color=${status.color} ended=${status.ended} />
    <span class="marks">
      ${status.role ? html`<span class="mark mark-role" title=${t(`${status.role}Hint`)}>${t(status.role)}</span>` : null}
      ${status.ended ? html`<span class="mark">${t("over")}</span>` : null}
      ${status.project_allowed ? null : html`<span class="mark">${t("noProjects")}</span>`}
      ${status.supplier_allowed ? null : html`<span class="mark">${t("noSupplier")}</span>`}
    </span></div>
  <${Link} class="line-count" href=${to(business, "clients", [], {preset: `status:${status.code}`})}>${common("clients", {n: status.clients})}<//>
  ${children}
</div>`;

// Those who have the status are moved to another one in steps, which may take a while; then it goes.
function Removal({status, settings, control, onClose}) {
  const others = settings.statuses.filter((other) => other.code !== status.code);
  const [moveTo, setMoveTo] = useState(others[0]?.code);
  const what = labelOf(status);
  const inUse = status.clients > 0;
  if (status.role) return html`<${Dialog} title=${t("remove", {what})} onClose=${onClose} footer=${html`<${Button} onClick=${onClose}>${common("cancel")}<//>`}><p>${t("hasRole", {role: t(status.role)})}</p><//>`;
  const act = async () => {
    const result = await control.send("status.remove", {code: status.code, ...(inUse ? {move_to: moveTo} : {})});
    notify(inUse ? t("movedAway", {what, n: result.totals?.changed ?? 0}) : common("removed", {what}));
  };
  return html`<${Confirm} title=${t("remove", {what})} kind="danger" say=${inUse ? t("moveThem", {n: status.clients}) : common("remove")} onClose=${() => control.busy || onClose()} act=${act}>
    ${inUse ? html`<p>${t("inUse", {n: status.clients})}</p><${Select} label=${t("moveTo")} value=${moveTo} onValue=${setMoveTo} options=${others.map((other) => [other.code, labelOf(other)])} />` : html`<p>${t("noneHasIt")} ${common("sure")}</p>`}
    ${control.progress ? html`<${Progress} ...${control.progress} label=${common("moving")} />` : null}
  <//>`;
}
