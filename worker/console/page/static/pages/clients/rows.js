// The clients that are found: a table, or cards on phones.

import {useEffect, useRef} from "../../vendor/preact.js";
import {date, money} from "../../lib/i18n.js";
import {Icon} from "../../lib/icons.js";
import {StatusChip, Tag, When, classes, html} from "../../lib/parts.js";
import {Link, to} from "../../lib/route.js";
import {labelOf} from "../../lib/labels.js";
import {t} from "./words.js";

const TAGS_IN_TABLE = 2;
const LETTERS_IN_TABLE = 16; // two tags that are longer together would both be cut off
const TAGS_ON_CARD = 4;

export const nameOf = (row) => row.name || row.email || row.phone || row.client_id;

const statusOf = (row, settings) => {
  const status = settings.statuses.find(({code}) => code === row.status);
  return status ? {label: labelOf(status), color: status.color, ended: status.ended} : {label: row.status_label, color: row.color, ended: row.ended};
};

export function Rows({narrow, ...shared}) {
  return narrow ? html`<${Cards} ...${shared} />` : html`<${Table} ...${shared} />`;
}

function Table({items, selection, settings, business, sort, q}) {
  const all = items.every(({client_id: id}) => selection.has(id));
  const some = !all && items.some(({client_id: id}) => selection.has(id));
  const sorted = (name, direction) => (sort === name ? direction : undefined);
  return html`<div class="table-wrap clients-wrap"><table class="table clients-table">
    <thead><tr>
      <th class="cell-check" scope="col"><${Box} label=${t("selectPage")} checked=${all} mixed=${some} onValue=${() => selection.toggleAll(items, !all)} /></th>
      <th scope="col" aria-sort=${sorted("name", "ascending")}>${t("client")}</th>
      <th scope="col">${t("status")}</th>
      <th scope="col" class="cell-tags">${t("tags")}</th>
      ${sort === "created_at" ? html`<th scope="col" aria-sort="descending">${t("created")}</th>` : html`<th scope="col" aria-sort=${sorted("last_activity_at", "descending")}>${t("activity")}</th>`}
      <th scope="col" class="cell-money">${t("owes")}</th>
    </tr></thead>
    <tbody>${items.map((row) => html`<tr key=${row.client_id} class=${classes(selection.has(row.client_id) && "row-chosen")}>
      <td class="cell-check"><${Box} label=${t("selectOne", {name: nameOf(row)})} checked=${selection.has(row.client_id)} onValue=${() => selection.toggle(row)} /></td>
      <td class="cell-client"><${Who} row=${row} business=${business} q=${q} /></td>
      <td><${StatusChip} ...${statusOf(row, settings)} /></td>
      <td class="cell-tags"><${Tags} tags=${row.tags} most=${fitting(row.tags)} /></td>
      <td class="cell-when"><${Moments} row=${row} sort=${sort} /></td>
      <td class="cell-money"><${Owes} row=${row} /></td>
    </tr>`)}</tbody>
  </table></div>`;
}

function Cards({items, selection, settings, business, sort}) {
  return html`<ul class="clients-cards">${items.map((row) => html`<li key=${row.client_id} class=${classes("client-card", selection.has(row.client_id) && "row-chosen")}>
    <${Box} label=${t("selectOne", {name: nameOf(row)})} checked=${selection.has(row.client_id)} onValue=${() => selection.toggle(row)} />
    <div class="client-card-words"><${Who} row=${row} business=${business} />
      <div class="client-card-line"><${StatusChip} ...${statusOf(row, settings)} /><${Owes} row=${row} /></div>
      ${row.tags.length ? html`<${Tags} tags=${row.tags} most=${TAGS_ON_CARD} />` : null}
      <div class="client-card-when">${sort === "created_at" ? t("created") : t("activity")}: <${Moments} row=${row} sort=${sort} /></div></div>
  </li>`)}</ul>`;
}

function Box({label, checked, mixed = false, onValue}) {
  const ref = useRef(null);
  useEffect(() => {
    ref.current.indeterminate = mixed;
  }, [mixed]);
  return html`<label class="box"><input ref=${ref} type="checkbox" aria-label=${label} checked=${checked} onChange=${onValue} /></label>`;
}

// Of the ways to reach somebody the first is always on show: the number, when a number is looked for.
function Who({row, business, q = ""}) {
  const ways = /\d{3}/.test(q.replace(/[\s()/.+-]/g, "")) ? [row.phone, row.email] : [row.email, row.phone];
  const contact = ways.filter((one) => one && one !== nameOf(row));
  if (!contact.length && nameOf(row) !== row.client_id) contact.push(row.client_id);
  return html`<div class="who-cell"><${Link} class="client-link" href=${to(business, "clients", [row.client_id])}>${nameOf(row)}<//>
    ${contact.length ? html`<span class="who-contact">${contact.map((one) => html`<span key=${one}>${one}</span>`)}</span>` : null}</div>`;
}

const fitting = (tags) => (tags.slice(0, TAGS_IN_TABLE).join("").length > LETTERS_IN_TABLE ? 1 : TAGS_IN_TABLE);

function Tags({tags, most}) {
  if (!tags.length) return html`<span class="muted" aria-hidden="true">–</span>`;
  const rest = tags.slice(most);
  return html`<ul class="chips">${tags.slice(0, most).map((tag) => html`<li key=${tag} title=${tag}><${Tag}>${tag}<//></li>`)}
    ${rest.length ? html`<li class="tags-rest" title=${rest.join(", ")}>+${rest.length}<span class="visually-hidden"> ${rest.join(", ")}</span></li>` : null}</ul>`;
}

function Moments({row, sort}) {
  return html`<span class="moments">
    ${sort === "created_at" ? html`<${When} at=${row.created_at} absolute=${date} />` : row.last_activity_at ? html`<${When} at=${row.last_activity_at} />` : html`<span class="muted">${t("noActivity")}</span>`}
    ${row.next_booking_at ? html`<small class="moments-next" title=${t("nextBooking")}><${Icon} name="calendar" size=${14} /><span class="visually-hidden">${t("nextBooking")}: </span><${When} at=${row.next_booking_at} absolute=${date} /></small>` : null}
  </span>`;
}

function Owes({row}) {
  const sums = Object.entries(row.outstanding);
  if (!sums.length) return null;
  return html`<span class=${classes("owes", row.overdue > 0 && "owes-late")}>${sums.map(([currency, amount]) => html`<span key=${currency}>${money(amount, currency)}</span>`)}
    ${row.overdue ? html`<small>${t("overdue", {n: row.overdue})}</small>` : null}</span>`;
}
