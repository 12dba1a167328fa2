// The ready-made filters, one at a time, with how many clients each finds: a column, or a list to choose from on phones.

import {useState} from "../../vendor/preact.js";
import {number} from "../../lib/i18n.js";
import {Icon} from "../../lib/icons.js";
import {Coloured, classes, html} from "../../lib/parts.js";
import {Link} from "../../lib/route.js";
import {addressOf} from "./asked.js";
import {labelOf} from "../../lib/labels.js";
import {t} from "./words.js";

const FEW_TAGS = 6;
const TAGS_IN_LIST = 100;
const SPECIAL = {new_this_month: "star", upcoming: "calendar", outstanding: "money", quiet_90_days: "moon"};

// -> [[heading, [{id, label, count?, color?, ended?, icon?}]], …]
export function presetsOf(settings, counts, special) {
  const per = (list, key) => new Map((list ?? []).map((one) => [one[key], one.clients]));
  const statuses = per(counts?.statuses, "code");
  const groups = per(counts?.status_groups, "code");
  const count = (map, key) => (counts ? (map.get(key) ?? 0) : undefined);
  const active = settings.statuses.filter(({ended}) => !ended);
  const tags = [...(counts?.tags ?? [])].sort((a, b) => b.clients - a.clients || a.tag.localeCompare(b.tag));
  return [
    [null, [
      {id: "all", label: t("presetAll"), icon: "clients", count: counts ? active.reduce((sum, {code}) => sum + (statuses.get(code) ?? 0), 0) : undefined},
      ...Object.entries(SPECIAL).map(([id, icon]) => ({id, label: t(`preset_${id}`), icon, count: special?.[id]})),
    ]],
    [t("statuses"), settings.statuses.map((status) => ({id: `status:${status.code}`, label: labelOf(status), color: status.color, ended: status.ended, count: count(statuses, status.code)}))],
    [t("groups"), settings.status_groups.map((group) => ({id: `status_group:${group.code}`, label: group.name, count: count(groups, group.code)}))],
    [t("tags"), tags.map(({tag, clients}) => ({id: `tag:${tag}`, label: tag, icon: "tag", count: clients}))],
  ].filter(([, items]) => items.length);
}

// What is chosen, in words.
export function presetSaid(groups, id) {
  for (const [, items] of groups) {
    const found = items.find((item) => item.id === id);
    if (found) return found.label;
  }
  return id.slice(id.indexOf(":") + 1);
}

export function PresetColumn({business, asked, groups}) {
  return groups.map(([heading, items]) => html`<${Group} key=${heading ?? ""} heading=${heading} items=${items} business=${business} asked=${asked} />`);
}

function Group({heading, items, business, asked}) {
  const [all, setAll] = useState(false);
  const few = heading === t("tags") && !all && items.length > FEW_TAGS + 1;
  const shown = few ? items.filter((item, at) => at < FEW_TAGS || item.id === asked.preset) : items;
  return html`<div class="preset-group">
    ${heading ? html`<h2>${heading}</h2>` : null}
    <ul>${shown.map((item) => html`<li key=${item.id}><${Preset} item=${item} business=${business} asked=${asked} /></li>`)}</ul>
    ${heading === t("tags") && items.length > FEW_TAGS + 1 ? html`<button type="button" class="preset preset-more" aria-expanded=${all ? "true" : "false"} onClick=${() => setAll(!all)}><${Icon} name=${all ? "up" : "down"} size=${16} /><span>${all ? t("fewerTags") : t("allTags", {n: items.length})}</span></button>` : null}
  </div>`;
}

function Preset({item, business, asked}) {
  const here = item.id === asked.preset && !asked.saved;
  const address = addressOf(business, {...asked, preset: item.id, ended: false, ...(asked.saved ? {saved: null, filter: null} : {})});
  return html`<${Link} href=${address} class=${classes("preset", here && "preset-here")} aria-current=${here ? "true" : undefined}>
    ${item.color ? html`<${Coloured} color=${item.color} class=${classes("preset-dot", item.ended && "status-ended")}><span class="dot" aria-hidden="true"></span><//>` : html`<${Icon} name=${item.icon ?? "filter"} size=${16} />`}
    <span class="preset-name">${item.label}</span>${item.count === undefined ? null : html`<span class="preset-count">${number(item.count)}</span>`}
  <//>`;
}

// On phones: everything in one list, the saved filters with it.
export function PresetSelect({asked, groups, audiences, onPreset, onSaved}) {
  const value = asked.saved ? `saved ${asked.saved}` : asked.preset;
  const named = ({label, count}) => (count === undefined ? label : `${label} (${number(count)})`);
  const option = (id, said) => html`<option key=${id} value=${id} selected=${id === value}>${said}</option>`;
  const chosen = ({target}) => (target.value.startsWith("saved ") ? onSaved(audiences.find(({audience_id: id}) => id === target.value.slice(6))) : onPreset(target.value));
  const known = groups.some(([, items]) => items.slice(0, TAGS_IN_LIST).some(({id}) => id === value)) || asked.saved;
  return html`<label class="preset-select"><span class="visually-hidden">${t("show")}</span><select class="input" value=${value} onChange=${chosen}>
    ${known ? null : option(value, presetSaid(groups, value))}
    ${groups.map(([heading, items]) => (heading ? html`<optgroup key=${heading} label=${heading}>${items.slice(0, TAGS_IN_LIST).map((item) => option(item.id, named(item)))}</optgroup>` : items.map((item) => option(item.id, named(item)))))}
    ${audiences.length ? html`<optgroup label=${t("saved")}>${audiences.map((one) => option(`saved ${one.audience_id}`, named({label: one.name, count: one.clients})))}</optgroup>` : null}
  </select></label>`;
}
