// What a message would do to the clients that there are: asked of the worker in a dry run, which changes nothing.

import {useEffect, useState} from "../../vendor/preact.js";
import {command, get, id} from "../../lib/api.js";
import {Failed, Progress, Skeleton, html} from "../../lib/parts.js";
import {accepted} from "../../lib/refusals.js";
import {Link, to} from "../../lib/route.js";
import {t} from "./words.js";

// -> {result, names, error, progress, again}; `data` as JSON decides when it is asked anew.
export function useWhatIf(business, type, data) {
  const [state, set] = useState({});
  const [turn, setTurn] = useState(0);
  const asked = JSON.stringify(data);
  useEffect(() => {
    const mine = new AbortController();
    const tell = (told) => !mine.signal.aborted && set(told);
    set({});
    const ask = async () => {
      const result = accepted(await command(business, type, {...data, dry_run: true}, {signal: mine.signal, progress: (progress) => tell({progress})}));
      tell({result, names: await named(business, result.preview?.clients ?? [], mine.signal)});
    };
    ask().catch((error) => tell({error}));
    return () => mine.abort();
  }, [business, type, asked, turn]);
  return {...state, again: () => setTurn((n) => n + 1)};
}

const named = (business, clients, signal) => Promise.all(clients.map(async (client) => {
  try {
    return [client, (await get(business, `/clients/${id(client)}`, {}, signal)).name || client];
  } catch {
    return [client, client]; // merged or erased meanwhile
  }
}));

export function WhatIf({business, asked, says}) {
  const {result, names, error, progress, again} = asked;
  if (error) return html`<${Failed} error=${error} again=${again} />`;
  if (!result) return progress ? html`<${Progress} ...${progress} label=${t("looking")} />` : html`<${Skeleton} lines=${2} />`;
  const {changed, clients} = result.totals ?? {changed: 0, clients: 0};
  return html`<div class="what-if" role="status">
    <p class="what-if-number"><strong>${changed ? says(changed, clients) : t("nobodyChanges", {n: clients})}</strong></p>
    ${names.length ? html`<ul class="what-if-names">${names.map(([client, name]) => html`<li key=${client}><${Link} href=${to(business, "clients", [client])}>${name}<//></li>`)}</ul>` : null}
    ${changed > names.length ? html`<p class="hint">${t("andMore", {n: changed - names.length})}</p>` : null}
  </div>`;
}
