// A client that staff enter by hand: who it is, and, where wanted, a status and tags to begin with (B2, B3).

import {useState} from "../../vendor/preact.js";
import {post} from "../../lib/api.js";
import {labelOf} from "../../lib/labels.js";
import {Button, Callout, Dialog, Select, html, notify} from "../../lib/parts.js";
import {go, to} from "../../lib/route.js";
import {Tokens} from "../../lib/tokens.js";
import {catalogue} from "./catalogue.js";
import {Fields, changesOf, formOf, problemSaid} from "./edit.js";
import {t} from "./words.js";

const WAIT_SECONDS = 8;

export function NewClient({business, settings, counts, onClose}) {
  const known = catalogue(settings);
  const [form, setForm] = useState(() => formOf({}, known));
  const [status, setStatus] = useState("");
  const [tags, setTags] = useState([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const initial = known.statuses.find(({role}) => role === "initial");
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const {emails = [], phones = [], ...said} = changesOf(form, {}, known);
    if (!said.name && !emails.length && !phones.length) {
      setError(new Error(t("newNeeds")));
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const data = {...said, ...(emails[0] ? {email: emails[0]} : {}), ...(phones[0] ? {phone: phones[0]} : {}), ...(status ? {status} : {}), ...(tags.length ? {tags} : {})};
      const {client_id: client, shown} = await post(business, "/clients", data, {wait: WAIT_SECONDS});
      notify(shown ? t("saved") : t("savedSoon"));
      if (shown) go(to(business, "clients", [client]));
      else onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const footer = html`<${Button} onClick=${onClose}>${t("cancel")}<//><${Button} kind="primary" type="submit" form="new-client" busy=${busy}>${t("add")}<//>`;
  return html`<${Dialog} title=${t("newTitle")} onClose=${onClose} footer=${footer} wide>
    <form id="new-client" class="stack" onSubmit=${submit}>
      <${Fields} card=${{}} known=${known} form=${form} setForm=${setForm} error=${error} one>
        <${Select} label=${t("status")} value=${status} onValue=${setStatus} options=${known.statuses.map((one) => [one === initial ? "" : one.code, labelOf(one)])} />
      <//>
      <${Tokens} label=${t("tags")} values=${tags} onValues=${setTags} suggestions=${(counts?.tags ?? []).map(({tag}) => tag)} />
      ${error ? html`<${Callout} kind="bad">${problemSaid(error, known)}<//>` : null}
    </form>
  <//>`;
}
