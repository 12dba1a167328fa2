// Before saving: what changes in the settings, and what it would do to the clients that there are.

import {useState} from "../../vendor/preact.js";
import {get} from "../../lib/api.js";
import {useAsked} from "../../lib/live.js";
import {Button, Callout, Check, Dialog, Progress, Skeleton, html} from "../../lib/parts.js";
import {refusal} from "../../lib/refusals.js";
import {Link, to} from "../../lib/route.js";
import {patch} from "./draft.js";
import {statusOf, withRole} from "./names.js";
import {WhatIf, useWhatIf} from "./whatif.js";
import {settingName, settingValue, t} from "./words.js";

const DAY_MS = 86_400_000;

export function Review({business, settings, changes, now, control, onSaved, onClose}) {
  const [catchUp, setCatchUp] = useState(false);
  const [error, setError] = useState(null);
  const data = patch(changes);
  const asked = useWhatIf(business, "automation.set", {...data, catch_up: true});
  const would = asked.result?.totals?.changed ?? 0;
  const save = async () => {
    try {
      setError(null);
      onSaved(await control.send("automation.set", {...data, ...(catchUp ? {catch_up: true} : {})}), catchUp);
    } catch (problem) {
      setError(problem);
    }
  };
  const footer = html`<${Button} disabled=${control.busy} onClick=${onClose}>${t("back")}<//><${Button} kind="primary" busy=${control.busy} onClick=${save}>${t("save")}<//>`;
  return html`<${Dialog} wide title=${t("reviewTitle", {n: changes.length})} onClose=${() => control.busy || onClose()} footer=${footer}>
    <dl class="patch">${changes.map(({name, from, to: value}) => html`<div key=${name}><dt>${settingName(name)}</dt><dd><s>${settingValue(name, from)}</s> <span aria-hidden="true">→</span><span class="visually-hidden">${t("becomes")}</span> <strong>${settingValue(name, value)}</strong></dd></div>`)}</dl>
    <h3>${t("whatIf")}</h3>
    <p>${now.enabled ? t("whatIfOn") : t("whatIfOff")}</p>
    ${goesQuiet(settings.automation, now) ? html`<${QuietOnes} business=${business} settings=${settings} days=${now.inactive_after_days} />` : null}
    ${now.enabled ? html`<${WhatIf} business=${business} asked=${asked} says=${(n, of) => t("wouldCatchUp", {n, of, status: statusOf(settings, "converted")})} />` : null}
    ${would ? html`<${Check} label=${t("catchUp", {n: would})} checked=${catchUp} onValue=${setCatchUp} />` : null}
    ${control.progress ? html`<${Progress} ...${control.progress} label=${t("applying")} />` : null}
    ${error ? html`<${Callout} kind="bad">${refusal(error)}<//>` : null}
  <//>`;
}

// With the automation off nobody goes quiet.
const quietAfter = ({enabled, inactive_after_days: days}) => (enabled && days ? days : Infinity);
const goesQuiet = (before, now) => quietAfter(now) < quietAfter(before);

// Those who would have gone quiet already; a dry run does not count them, so a search does.
function QuietOnes({business, settings, days}) {
  const {code: status} = withRole(settings, "converted");
  const filter = JSON.stringify({field: "last_activity_at", op: "lt", value: new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10)});
  const found = useAsked((signal) => get(business, "/clients", {status, filter, limit: 1}, signal), [business, status, filter]);
  if (found.error || found.data?.total === 0) return null;
  if (!found.data) return html`<${Skeleton} lines=${1} />`;
  return html`<p>${t("wouldGoQuiet", {n: found.data.total, status: statusOf(settings, "dormant")})} <${Link} href=${to(business, "clients", [], {preset: `status:${status}`, filter})}>${t("showThem")}<//></p>`;
}
