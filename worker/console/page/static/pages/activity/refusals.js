// Commands and control messages that were refused, wholly or in part, with the reason in words.

import {dateTime} from "../../lib/i18n.js";
import {Button, Empty, Failed, Skeleton, html} from "../../lib/parts.js";
import {refusals} from "../../lib/refusals.js";
import {Link, to} from "../../lib/route.js";
import {named} from "./names.words.js";
import {usePages} from "./pages.js";
import {t} from "./words.js";

const MAX_NAMED = 5;

export function Refusals({business}) {
  const pages = usePages(business, "/refusals");
  if (pages.error && !pages.items) return html`<${Failed} error=${pages.error} again=${pages.again} />`;
  if (!pages.items) return html`<${Skeleton} lines=${6} />`;
  if (!pages.items.length) return html`<${Empty} icon="check" title=${t("noRefusals")}>${t("noRefusalsHint")}<//>`;
  return html`<ol class="cards">${pages.items.map((result) => html`<li key=${`${result.command_source} ${result.command_id}`} class="section refusal">
      <p class="row"><strong title=${result.command_type}>${named(result.command_type)}</strong><span class="badge badge-${result.type === "command.rejected" ? "bad" : "warn"}">${t(result.type === "command.rejected" ? "whole" : "part")}</span>${result.dry_run ? html`<span class="badge">${t("dry")}</span>` : null}
        <span class="hint refusal-when">${t("from", {source: result.command_source})} · <time datetime=${result.time}>${dateTime(result.time)}</time></span></p>
      <ul class="refusal-why">${refusals(result.errors).map(({said, clients, details}) => html`<li key=${said}>${said}${clients.length ? html`<span class="hint"> ${clients.slice(0, MAX_NAMED).map((client) => html`<${Link} key=${client} href=${to(business, "clients", [client])}>${client}<//> `)}${clients.length > MAX_NAMED ? t("clients", {n: clients.length}) : ""}</span>` : null}${details.slice(0, MAX_NAMED).map((detail) => html`<p key=${detail} class="hint letter-details" lang="en">${detail}</p>`)}</li>`)}</ul>
    </li>`)}</ol>
    ${pages.error ? html`<${Failed} error=${pages.error} again=${pages.older} />` : null}
    ${pages.more ? html`<div class="feed-more"><${Button} busy=${pages.loading} onClick=${pages.older}>${t("more")}<//></div>` : null}`;
}
