// Nobody there, and what to do about it.

import {Button, Empty, html} from "../../lib/parts.js";
import {isNarrowed} from "./asked.js";
import {t} from "./words.js";

export const NoClients = ({business}) => html`<${Empty} icon="clients" title=${t("noClients")} action=${html`<p class="import-hint">${t("importHint")}<code>client-status import FILE --business ${business}</code></p>`}>${t("noClientsHint")}<//>`;

export function NobodyFound({asked, pages, put}) {
  const action = html`<div class="row empty-actions">
    ${pages.endedHidden ? html`<${Button} kind="primary" onClick=${() => put({ended: true})}>${t("showEndedFound", {n: pages.endedHidden})}<//>` : null}
    ${isNarrowed(asked) ? html`<${Button} onClick=${() => put({q: "", preset: "all", filter: null, saved: null})}>${t("removeFilters")}<//>` : null}</div>`;
  return html`<${Empty} icon="search" title=${t("nobody")} action=${action}>${asked.q.trim() ? t("nobodySearch") : t("nobodyFilter")}<//>`;
}
