// Nobody there, and what to do about it.

import {Button, Empty, html} from "../../lib/parts.js";
import {Link, to} from "../../lib/route.js";
import {isNarrowed} from "./asked.js";
import {t as importing} from "./import.words.js";
import {t} from "./words.js";

// A business that begins: what can be done before the first client comes.
export const NoClients = ({business, mayChange, setDialog}) => html`<${Empty} icon="clients" title=${t("noClients")} action=${html`<ol class="first-steps">
  <li><strong>${t("firstConnect")}</strong><p class="hint">${t("firstConnectHint")}</p></li>
  <li><strong>${t("firstImport")}</strong><p class="hint">${t("importHint")}</p>${mayChange ? html`<div class="row"><${Button} small icon="upload" onClick=${() => setDialog({what: "import"})}>${importing("import")}<//><${Button} small icon="plus" onClick=${() => setDialog({what: "create"})}>${t("newClient")}<//></div>` : null}</li>
  <li><strong>${t(mayChange ? "firstRules" : "firstRulesSeen")}</strong><p class="hint">${t("firstRulesHint")}</p><div class="row"><${Link} class="button button-plain button-small" href=${to(business, "automation")}>${t("toRules")}<//><${Link} class="button button-plain button-small" href=${to(business, "automation", ["statuses"])}>${t("statuses")}<//></div></li>
</ol>`}>${t("noClientsHint")}<//>`;

export function NobodyFound({asked, pages, put}) {
  const action = html`<div class="row empty-actions">
    ${pages.endedHidden ? html`<${Button} kind="primary" onClick=${() => put({ended: true})}>${t("showEndedFound", {n: pages.endedHidden})}<//>` : null}
    ${isNarrowed(asked) ? html`<${Button} onClick=${() => put({q: "", preset: "all", filter: null, saved: null})}>${t("removeFilters")}<//>` : null}</div>`;
  return html`<${Empty} icon="search" title=${t("nobody")} action=${action}>${asked.q.trim() ? t("nobodySearch") : t("nobodyFilter")}<//>`;
}
