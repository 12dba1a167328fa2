// The third part of the card: how to reach the client, and everything that stands about it.

import {capital, date, dateTime, month, number} from "../../lib/i18n.js";
import {Icon} from "../../lib/icons.js";
import {sourceSaid} from "../../lib/origins.js";
import {Section, Tag, html} from "../../lib/parts.js";
import {Link, to} from "../../lib/route.js";
import {labelOf} from "../../lib/labels.js";
import {mailto, tel, web} from "./links.js";
import {t} from "./words.js";

const CLASSIFIED = ["client_type", "industry", "headcount"];

export const Contact = (shared) => html`<div class="stack">
  <${Section} title=${t("contactData")}><${Addresses} ...${shared} /><//>
  <${Section} title=${t("about")}><${About} ...${shared} /><//>
  <${Section} title=${t("cards")}><${Cards} cards=${shared.card.cards ?? []} /><//>
  <${Section} title=${t("connections")}><${Connections} ...${shared} /><//>
</div>`;

// [[name, what stands], …]; what is blank is shown as a dash, so that one sees that it could be there.
const Facts = ({facts}) => html`<dl class="card-facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value ?? "–"}</dd></div>`)}</dl>`;

const several = (values, Each) => (values?.length ? html`<ul class="card-plain">${values.map((value) => html`<li key=${value}><${Each} value=${value} /></li>`)}</ul>` : null);
const Email = ({value}) => html`<a href=${mailto(value)}>${value}</a>`;
const Phone = ({value}) => html`<a href=${tel(value)}>${value}</a>`;

const Addresses = ({card}) => html`<${Facts} facts=${[
  [t("emails"), several(card.emails, Email)],
  [t("phones"), several(card.phones, Phone)],
  [t("staff"), card.staff_id],
  [t("source"), card.source === "implicit" ? t("implicit") : sourceSaid(card.source)],
]} />`;

const About = ({card, known}) => html`<${Facts} facts=${[
  ...CLASSIFIED.filter((kind) => card[kind] || known.lists[kind]?.length).map((kind) => [t(kind), card[kind] && known.classified(kind, card[kind])]),
  ...known.fields.map((field) => [labelOf(field) ?? field.field_id, html`<${Value} field=${field} value=${card.fields?.[field.field_id]} />`]),
]} />${!known.fields.length && !CLASSIFIED.some((kind) => card[kind] || known.lists[kind]?.length) ? html`<p class="hint">${t("noFields")}</p>` : null}`;

function Value({field, value}) {
  if (value === undefined || value === null) return "–";
  const text = String(value);
  if (field.type === "bool") return value ? t("yes") : t("no");
  if (field.type === "number" && typeof value === "number") return number(value);
  if (field.type === "date") return date(text);
  const href = {email: mailto, phone: tel, url: web}[field.type]?.(text);
  return href ? html`<a href=${href} ...${field.type === "url" ? {target: "_blank", rel: "noopener noreferrer"} : {}}>${text}</a>` : text;
}

const Cards = ({cards}) => (cards.length
  ? html`<ul class="card-plain">${cards.map((card) => html`<li key=${`${card.brand} ${card.last4}`} class="pay-card"><${Icon} name="card" /><span><strong>${capital(card.brand)}</strong> •••• ${card.last4}</span>${card.expires ? html`<span class="hint">${t("expires", {when: month(card.expires)})}</span>` : null}</li>`)}</ul>`
  : html`<p class="hint">${t("noCards")}</p>`);

const Connections = ({business, card, known}) => html`<${Facts} facts=${[
  [t("audiences"), card.audiences?.length ? html`<ul class="chips">${card.audiences.map((one) => html`<li key=${one}><${Tag}>${known.audience(one)}<//></li>`)}</ul>` : null],
  [t("linked"), several(card.linked_systems, ({value}) => value)],
  [t("mergedIds"), several(card.merged_ids, ({value}) => html`<code>${value}</code>`)],
  [t("setByHand"), card.status_set_at && dateTime(card.status_set_at)],
]} />${card.linked_systems?.length ? html`<p class="hint">${t("linkedHint")}</p>` : null}
<p class="hint"><${Link} href=${to(business, "clients", [], {q: card.name || card.client_id})}>${t("similar")}<//></p>`;
