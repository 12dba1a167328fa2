// Between filters and list: how many there are, who is left out, what can be kept, and what has come meanwhile.

import {Button, html} from "../../lib/parts.js";
import {filterToKeep, isNarrowed} from "./asked.js";
import {t} from "./words.js";

export function Found({asked, put, pages, opened, mayChange, noColumn, changes, refresh, setDialog, onManage}) {
  const known = pages.items !== null;
  return html`<div class="found-line">
    <p class="found" role="status">${known ? t("total", {n: pages.total}) : ""}</p>
    ${known && pages.endedHidden ? html`<span class="found-ended">${t("endedHidden", {n: pages.endedHidden})} <button type="button" class="text-button" onClick=${() => put({ended: true})}>${t("showEnded")}</button></span>` : null}
    ${asked.ended && !asked.saved ? html`<span class="found-ended">${t("endedShown")} <button type="button" class="text-button" onClick=${() => put({ended: false})}>${t("hideEnded")}</button></span>` : null}
    ${changes ? html`<button type="button" class="fresh-changes" onClick=${refresh}>${t("changes", {n: changes})}</button>` : null}
    <span class="found-side">
      ${isNarrowed(asked) ? html`<button type="button" class="text-button" onClick=${() => put({q: "", preset: "all", filter: null, saved: null, ended: false})}>${t("removeFilters")}</button>` : null}
      ${mayChange && filterToKeep(asked) && !asked.saved ? html`<${Button} small icon="plus" onClick=${() => setDialog({what: "save"})}>${t("saveFilter")}<//>` : null}
      ${mayChange && noColumn && opened ? html`<${Button} small icon="edit" onClick=${() => onManage("rename")}>${t("rename")}<//><${Button} small icon="trash" onClick=${() => onManage("remove")}>${t("delete")}<//>` : null}
    </span>
  </div>`;
}
