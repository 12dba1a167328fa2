// A client that staff enter by hand: who it is, and, where wanted, a status and tags to begin with (B2, B3).

import {useState} from "../../vendor/preact.js";
import {post} from "../../lib/api.js";
import {labelOf} from "../../lib/labels.js";
import {Button, Callout, Dialog, Select, html} from "../../lib/parts.js";
import {go, to} from "../../lib/route.js";
import {Tokens} from "../../lib/tokens.js";
import {catalogue} from "./catalogue.js";
import {Fields, changesOf, formOf, problemSaid} from "./edit.js";
import {WAIT_SECONDS, useSaving} from "./saving.js";
import {t} from "./words.js";

export function NewClient({business, settings, counts, onClose}) {
  const [known] = useState(() => catalogue(settings));
  const [form, setForm] = useState(() => formOf({}, known));
  const [status, setStatus] = useState("");
  const [tags, setTags] = useState([]);
  const initial = known.statuses.find(({role}) => role === "initial");
  const {emails = [], phones = [], ...said} = changesOf(form, {}, known);
  const data = {...said, ...(emails[0] ? {email: emails[0]} : {}), ...(phones[0] ? {phone: phones[0]} : {}), ...(status ? {status} : {}), ...(tags.length ? {tags} : {})};
  const {busy, error, setError, save} = useSaving(
    () => post(business, "/clients", data, {wait: WAIT_SECONDS}),
    ({client_id: client, shown}) => (shown ? go(to(business, "clients", [client])) : onClose()),
  );
  const submit = (event) => {
    event.preventDefault();
    if (data.name || data.email || data.phone) save();
    else setError(new Error(t("newNeeds")));
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
