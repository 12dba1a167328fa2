// Another status for the client, set by hand (B8, A6).

import {useState} from "../../vendor/preact.js";
import {command} from "../../lib/api.js";
import {Button, Callout, Dialog, Select, Text, html, notify} from "../../lib/parts.js";
import {accepted, refusal} from "../../lib/refusals.js";
import {labelOf} from "../../lib/labels.js";
import {t} from "./words.js";

export function ChangeStatus({business, card, known, changed, onClose}) {
  const [status, setStatus] = useState(card.status);
  const [endReason, setEndReason] = useState("");
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const chosen = known.status(status);
  const reasons = known.lists.end_reason ?? [];
  const asksWhy = chosen.ended && (reasons.length > 0 || known.requiresEndReason);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const data = {client_ids: [card.client_id], status, ...(reason.trim() ? {reason: reason.trim()} : {}), ...(asksWhy && endReason ? {end_reason: endReason} : {})};
      accepted(await command(business, "status.set", data));
      notify(t("statusSet", {status: labelOf(chosen)}));
      changed();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const footer = html`<${Button} onClick=${onClose}>${t("cancel")}<//><${Button} kind="primary" type="submit" form="change-status" busy=${busy}>${t("save")}<//>`;
  return html`<${Dialog} title=${t("changeStatus")} onClose=${onClose} footer=${footer}>
    <form id="change-status" class="stack" onSubmit=${submit}>
      <${Select} label=${t("status")} autofocus value=${status} onValue=${setStatus} options=${known.statuses.map((one) => [one.code, labelOf(one)])} hint=${t("statusHint")} />
      ${asksWhy ? html`<${Select} label=${t("endReason")} value=${endReason} onValue=${setEndReason} required=${known.requiresEndReason} options=${[["", t("choose")], ...reasons.map((one) => [one.code, labelOf(one)])]} />` : null}
      <${Text} label=${t("remark")} value=${reason} onValue=${setReason} maxlength=${500} />
      ${error ? html`<${Callout} kind="bad">${refusal(error)}<//>` : null}
    </form>
  <//>`;
}
