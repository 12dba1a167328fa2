// The head of the card: who it is, status and tags with their reasons, and what can be done.

import {useState} from "../../vendor/preact.js";
import {Icon} from "../../lib/icons.js";
import {dateTime} from "../../lib/i18n.js";
import {Button, Callout, Menu, PageHead, StatusChip, When, html} from "../../lib/parts.js";
import {sourceSaid} from "../../lib/origins.js";
import {since} from "../../lib/reasons.js";
import {Link, to} from "../../lib/route.js";
import {InviteToBook, InvoiceBooking, PaymentReminder} from "./actions.js";
import {EditClient} from "./edit.js";
import {EraseClient} from "./erase.js";
import {ChangeStatus} from "./status.js";
import {Tags} from "./tags.js";
import {WriteNote} from "./note.js";
import {mailto, tel} from "./links.js";
import {t} from "./words.js";

const DIALOGS = {status: ChangeStatus, edit: EditClient, reminder: PaymentReminder, invoice: InvoiceBooking, invite: InviteToBook, note: WriteNote, erase: EraseClient};

export function Head(shared) {
  const {business, card, known, reasons, mayChange} = shared;
  const [dialog, setDialog] = useState(null);
  const Open = DIALOGS[dialog];
  const items = [
    {label: t("writeNote"), icon: "edit", act: () => setDialog("note")},
    {label: t("reminder"), icon: "money", act: () => setDialog("reminder")},
    {label: t("invoice"), icon: "document", act: () => setDialog("invoice")},
    {label: t("invite"), icon: "calendar", act: () => setDialog("invite")},
    {label: t("erase"), icon: "trash", danger: true, act: () => setDialog("erase")},
  ];
  const actions = mayChange
    ? html`<${Button} icon="edit" onClick=${() => setDialog("edit")}>${t("edit")}<//><${Menu} label=${t("actions")} text=${t("actions")} icon="down" items=${items} />`
    : null;
  const back = html`<${Link} class="client-back" href=${to(business, "clients")}><${Icon} name="left" size=${16} /><span>${t("clients")}</span><//>`;
  return html`<div class="client-head">
    ${back}
    <${PageHead} title=${card.name || t("nameless")} hint=${html`<${Origin} card=${card} />`} actions=${actions} />
    <div class="client-status">
      <div class="row">
        <${StatusChip} label=${known.statusLabel(card.status)} color=${card.color} ended=${card.ended} />
        ${mayChange ? html`<${Button} small icon="edit" onClick=${() => setDialog("status")}>${t("changeStatus")}<//>` : null}
      </div>
      <p class="hint">${statusReason(card, known, reasons)}${card.end_reason ? html` ${t("endedBecause", {reason: known.classified("end_reason", card.end_reason)})}` : null}</p>
      <${QuickLinks} card=${card} />
    </div>
    <${Tags} ...${shared} />
    ${reasons?.status?.review ? html`<${Callout} kind="warn" title=${t("review")} action=${mayChange ? html`<${Button} small onClick=${() => setDialog("status")}>${t("changeStatus")}<//>` : null}>${t("reviewHint", {status: known.statusLabel(card.status)})}<//>` : null}
    ${Open ? html`<${Open} ...${shared} onClose=${() => setDialog(null)} />` : null}
  </div>`;
}

function statusReason(card, known, reasons) {
  const told = reasons?.status ?? {};
  return since(known.statusLabel(card.status), card.status_since, card.status_cause, {because: told.because, ...known.inForce(told.settings_revision)});
}

const Origin = ({card}) => html`<span class="client-origin"><code>${card.client_id}</code> · ${t("createdAt")} <${When} at=${card.created_at} absolute=${dateTime} />${card.source && card.source !== "implicit" ? html` · ${t("from", {source: sourceSaid(card.source)})}` : null}</span>`;

function QuickLinks({card}) {
  const [email] = card.emails ?? [];
  const [phone] = card.phones ?? [];
  if (!email && !phone) return null;
  return html`<div class="row client-quick">
    ${phone ? html`<a class="card-quick" href=${tel(phone)}><${Icon} name="phone" size=${16} /><span>${phone}</span></a>` : null}
    ${email ? html`<a class="card-quick" href=${mailto(email)}><${Icon} name="mail" size=${16} /><span>${email}</span></a>` : null}
  </div>`;
}
