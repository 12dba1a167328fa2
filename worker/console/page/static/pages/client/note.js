// A note about the client, written by staff; it stands in the timeline, and the latest one on the card.

import {useState} from "../../vendor/preact.js";
import {id as inPath, post} from "../../lib/api.js";
import {Button, Callout, Dialog, Field, html} from "../../lib/parts.js";
import {refusal} from "../../lib/refusals.js";
import {WAIT_SECONDS, useSaving} from "./saving.js";
import {t} from "./words.js";

const LONGEST = 10_000;

export function WriteNote({business, card, changed, onClose}) {
  const [text, setText] = useState("");
  const {busy, error, save} = useSaving(
    () => post(business, `/clients/${inPath(card.client_id)}/notes`, {text}, {wait: WAIT_SECONDS}),
    () => {
      changed();
      onClose();
    },
  );
  const submit = (event) => {
    event.preventDefault();
    if (text.trim()) save();
  };
  const footer = html`<${Button} onClick=${onClose}>${t("cancel")}<//><${Button} kind="primary" type="submit" form="write-note" busy=${busy} disabled=${!text.trim()}>${t("save")}<//>`;
  return html`<${Dialog} title=${t("writeNote")} onClose=${onClose} footer=${footer}>
    <form id="write-note" class="stack" onSubmit=${submit}>
      <${Field} label=${t("note")} hint=${t("noteHint")}>${(props) => html`<textarea class="input note-text" autofocus maxlength=${LONGEST} value=${text} onInput=${(event) => setText(event.target.value)} ...${props}></textarea>`}<//>
      ${error ? html`<${Callout} kind="bad">${refusal(error)}<//>` : null}
    </form>
  <//>`;
}
