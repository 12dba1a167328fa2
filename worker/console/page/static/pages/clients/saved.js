// Saved filters, which are audiences: open one, keep what is asked under a name, rename, change, delete.

import {useState} from "../../vendor/preact.js";
import {command} from "../../lib/api.js";
import {number} from "../../lib/i18n.js";
import {Icon} from "../../lib/icons.js";
import {Button, Callout, Check, Confirm, Dialog, Menu, Progress, Text, classes, html, notify} from "../../lib/parts.js";
import {accepted, refusal} from "../../lib/refusals.js";
import {Link} from "../../lib/route.js";
import {addressOf, filterToKeep, presetAsFilter} from "./asked.js";
import {opened, saidAlone} from "./conditions.js";
import {t} from "./words.js";

const LONGEST_NAME = 100;

export const openingOf = (audience) => ({q: "", preset: "all", filter: audience.filter, saved: audience.audience_id, ended: true});

export function SavedFilters({business, asked, audiences, known, mayChange, onRename, onRemove}) {
  return html`<div class="preset-group"><h2>${t("saved")}</h2>
    ${audiences.length || !known ? null : html`<p class="hint preset-hint">${t(mayChange ? "savedHint" : "savedNone")}</p>`}
    <ul>${audiences.map((one) => {
      const here = one.audience_id === asked.saved;
      return html`<li key=${one.audience_id} class="saved-item"><${Link} href=${addressOf(business, {...asked, ...openingOf(one)})} class=${classes("preset", here && "preset-here")} aria-current=${here ? "true" : undefined}>
        <${Icon} name="filter" size=${16} /><span class="preset-name">${one.name}</span><span class="preset-count">${number(one.clients ?? 0)}</span><//>
        ${mayChange ? html`<${Menu} label=${t("savedMenu", {name: one.name})} items=${[{label: t("rename"), icon: "edit", act: () => onRename(one)}, {label: t("delete"), icon: "trash", danger: true, act: () => onRemove(one)}]} />` : null}
      </li>`;
    })}</ul></div>`;
}

// An id that says what it is for, and that no other has.
function idFor(name, taken) {
  const plain = name.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").toLowerCase().slice(0, 40);
  const random = () => crypto.getRandomValues(new Uint32Array(1))[0].toString(36);
  return plain && !taken.has(plain) ? plain : [plain || "filter", random()].join("-");
}

// `audience`: the one that gets another name; without one, what is asked is kept as a new one.
export function SaveDialog({business, asked, audience, audiences, fields, presetName, onSaved, onClose}) {
  const [name, setName] = useState(audience?.name ?? "");
  const [active, setActive] = useState(!asked.ended);
  const [busy, setBusy] = useState(false);
  const [progress, setProgress] = useState(null);
  const [error, setError] = useState(null);
  const keep = filterToKeep(asked);
  const asksEnded = /"field":"(ended|status|status_group)"/.test(JSON.stringify(keep ?? {}));
  const filter = audience ? audience.filter : active && !asksEnded ? withoutEnded(keep) : keep;
  const lost = audience ? [] : [asked.q.trim() && t("lostSearch", {q: asked.q.trim()}), asked.preset !== "all" && !presetAsFilter(asked.preset) && presetName].filter(Boolean);
  const same = audiences.find((one) => one.name.trim().toLowerCase() === name.trim().toLowerCase() && one.audience_id !== audience?.audience_id);
  const save = async (event) => {
    event.preventDefault();
    if (!name.trim() || !filter || busy) return;
    setBusy(true);
    setError(null);
    const id = audience?.audience_id ?? idFor(name, new Set(audiences.map((one) => one.audience_id)));
    try {
      accepted(await command(business, "audience.define", {audience_id: id, name: name.trim(), filter}, {progress: setProgress}));
      notify(t("savedNow", {name: name.trim()}));
      onSaved({audience_id: id, name: name.trim(), filter});
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const footer = html`<${Button} onClick=${onClose}>${t("cancel")}<//><${Button} kind="primary" busy=${busy} disabled=${!name.trim() || !filter} onClick=${save}>${t("save")}<//>`;
  return html`<${Dialog} title=${audience ? t("renameTitle") : t("saveTitle")} onClose=${onClose} footer=${footer}><form class="stack" onSubmit=${save}>
    <${Text} label=${t("savedName")} hint=${audience ? undefined : t("savedNameHint")} value=${name} onValue=${setName} required maxlength=${LONGEST_NAME} autofocus error=${same ? t("sameName") : undefined} />
    ${filter && !audience ? html`<div><strong class="small-label">${t("keeps")}</strong><ul class="plain-list">${opened(filter).nodes.map((node, at) => html`<li key=${at}>${saidAlone(node, fields)}</li>`)}</ul></div>` : null}
    ${audience || asksEnded ? null : html`<${Check} label=${t("onlyActive")} checked=${active} onValue=${setActive} />`}
    ${lost.length ? html`<${Callout} kind="warn" title=${t("lost")}>${lost.join(", ")}<p class="hint">${t("lostWhy")}</p><//>` : null}
    ${filter ? null : html`<${Callout} kind="warn">${t("nothingToSave")}<//>`}
    ${progress ? html`<${Progress} ...${progress} label=${t("settling")} />` : null}
    ${error ? html`<${Callout} kind="bad">${refusal(error)}<//>` : null}
  </form><//>`;
}

function withoutEnded(filter) {
  const active = {field: "ended", op: "eq", value: false};
  if (!filter) return active;
  const {match, nodes} = opened(filter);
  return {all: match === "all" ? [...nodes, active] : [filter, active]};
}

// What was opened was changed: keep it so, keep it as another, or go back.
export function SavedBar({audience, changed, onUpdate, onNew, onBack, mayChange}) {
  if (!changed || !audience) return null;
  return html`<div class="saved-bar"><span>${t("changedSaved", {name: audience.name})}</span><span class="row">
    ${mayChange ? html`<${Button} small kind="primary" onClick=${onUpdate}>${t("saveChange")}<//><${Button} small onClick=${onNew}>${t("saveNew")}<//>` : null}
    <${Button} small kind="quiet" icon="undo" onClick=${onBack}>${t("backToSaved")}<//></span></div>`;
}

export function UpdateSaved({business, audience, filter, fields, onSaved, onClose}) {
  const [progress, setProgress] = useState(null);
  const act = async () => {
    accepted(await command(business, "audience.define", {audience_id: audience.audience_id, name: audience.name, filter}, {progress: setProgress}));
    notify(t("savedNow", {name: audience.name}));
    onSaved({...audience, filter});
  };
  return html`<${Confirm} title=${t("updateTitle", {name: audience.name})} say=${t("saveChange")} onClose=${onClose} act=${act}>
    <p>${t("updateHint")}</p><ul class="plain-list">${opened(filter).nodes.map((node, at) => html`<li key=${at}>${saidAlone(node, fields)}</li>`)}</ul>
    ${progress ? html`<${Progress} ...${progress} label=${t("settling")} />` : null}<//>`;
}

export function RemoveSaved({business, audience, onRemoved, onClose}) {
  const act = async () => {
    accepted(await command(business, "audience.remove", {audience_id: audience.audience_id}));
    notify(t("removedNow", {name: audience.name}));
    onRemoved(audience);
  };
  return html`<${Confirm} title=${t("removeTitle", {name: audience.name})} say=${t("delete")} kind="danger" onClose=${onClose} act=${act}><p>${t("removeHint")}</p><//>`;
}
