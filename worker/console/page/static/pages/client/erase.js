// Forgetting a client for good (G6): only who types the client's name can do it.

import {useState} from "../../vendor/preact.js";
import {command} from "../../lib/api.js";
import {Button, Callout, Dialog, Text, html, notify} from "../../lib/parts.js";
import {accepted, refusal} from "../../lib/refusals.js";
import {go, to} from "../../lib/route.js";
import {t} from "./words.js";

const same = (a, b) => a.trim().replace(/\s+/g, " ") === b.trim().replace(/\s+/g, " ");

export function EraseClient({business, card, onClose}) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const name = card.name?.trim() || card.client_id;
  const sure = same(typed, name);
  const submit = async (event) => {
    event.preventDefault();
    if (!sure) return;
    setBusy(true);
    setError(null);
    try {
      accepted(await command(business, "client.erase", {client_id: card.client_id}));
      notify(t("erased", {name}));
      go(to(business, "clients"));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const footer = html`<${Button} onClick=${onClose}>${t("cancel")}<//><${Button} kind="danger" type="submit" form="erase-client" busy=${busy} disabled=${!sure}>${t("eraseForGood")}<//>`;
  return html`<${Dialog} title=${t("eraseTitle", {name})} onClose=${onClose} footer=${footer}>
    <form id="erase-client" class="stack" onSubmit=${submit}>
      <${Callout} kind="warn">${t("eraseHint")}<//>
      <${Text} label=${t("typeName", {name})} value=${typed} onValue=${setTyped} autofocus spellcheck=${false} />
      ${error ? html`<${Callout} kind="bad">${refusal(error)}<//>` : null}
    </form>
  <//>`;
}
