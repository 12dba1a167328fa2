// Today's settings for the clients from before them: first what it would do, then doing it.

import {useState} from "../../vendor/preact.js";
import {Button, Callout, Progress, Section, html, notify} from "../../lib/parts.js";
import {refusal} from "../../lib/refusals.js";
import {statusOf} from "./names.js";
import {Effect} from "./switch.js";
import {WhatIf, useWhatIf} from "./whatif.js";
import {t} from "./words.js";

export function Before({business, settings, control, mayChange, unsaved}) {
  const [looking, setLooking] = useState(false);
  const [done, setDone] = useState(null);
  if (!mayChange) return null;
  const look = () => {
    setDone(null);
    setLooking(true);
  };
  const finished = (result) => {
    setLooking(false);
    setDone(result);
  };
  return html`<${Section} title=${t("before")} hint=${t("beforeHint")} actions=${looking ? null : html`<${Button} icon="search" disabled=${unsaved} onClick=${look}>${t("look")}<//>`}>
    ${unsaved ? html`<p class="hint">${t("saveFirst")}</p>` : null}
    ${done ? html`<${Effect} business=${business} settings=${settings} result=${done} applied />` : null}
    ${looking && !unsaved ? html`<${Looked} business=${business} status=${statusOf(settings, "converted")} control=${control} onDone=${finished} onClose=${() => setLooking(false)} />` : null}
  <//>`;
}

function Looked({business, status, control, onDone, onClose}) {
  const asked = useWhatIf(business, "clients.reevaluate", {});
  const [error, setError] = useState(null);
  const changed = asked.result?.totals?.changed ?? 0;
  const act = async () => {
    try {
      setError(null);
      const result = await control.send("clients.reevaluate", {});
      notify(t("moved", {n: result.totals?.changed ?? 0, status}));
      onDone(result);
    } catch (problem) {
      setError(problem);
    }
  };
  return html`<div class="stack">
    <${WhatIf} business=${business} asked=${asked} says=${(n, of) => t("would", {n, of, status})} />
    ${control.progress ? html`<${Progress} ...${control.progress} label=${t("applying")} />` : null}
    ${error ? html`<${Callout} kind="bad">${refusal(error)}<//>` : null}
    <div class="row"><${Button} onClick=${onClose}>${t("leave")}<//>${changed ? html`<${Button} kind="primary" busy=${control.busy} onClick=${act}>${t("apply", {n: changed})}<//>` : null}</div>
  </div>`;
}
