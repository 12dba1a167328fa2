// The client's tags: why each is there, one more, one less (D1-D4).

import {useEffect, useId, useRef, useState} from "../../vendor/preact.js";
import {command, get} from "../../lib/api.js";
import {date} from "../../lib/i18n.js";
import {Button, IconButton, Tag, html, notify} from "../../lib/parts.js";
import {why} from "../../lib/reasons.js";
import {accepted, refusal} from "../../lib/refusals.js";
import {useNarrow} from "../../lib/screen.js";
import {t} from "./words.js";

const FEW = 6; // on a phone
const SOME = 16;

export function Tags(shared) {
  const narrow = useNarrow();
  const [all, setAll] = useState(false);
  const {business, card, reasons, mayChange, changed} = shared;
  const [adding, setAdding] = useState(false);
  const [gone, setGone] = useState([]);
  const opener = useRef(null);
  useEffect(() => setGone([]), [card]);
  const tags = (card.tags ?? []).filter(({tag}) => !gone.includes(tag));
  const most = narrow ? FEW : SOME;
  const shown = !all && tags.length > most + 1 ? tags.slice(0, most) : tags;
  const remove = async (tag) => {
    setGone((before) => [...before, tag]);
    try {
      accepted(await command(business, "tags.remove", {client_ids: [card.client_id], tags: [tag]}));
      changed();
    } catch (problem) {
      setGone((before) => before.filter((one) => one !== tag));
      notify(refusal(problem), "bad");
    }
    opener.current?.querySelector("button")?.focus();
  };
  const close = () => {
    setAdding(false);
    setTimeout(() => opener.current?.querySelector("button")?.focus());
  };
  return html`<div class="client-tags">
    <ul class="chips" aria-label=${t("tags")}>
      ${shown.map(({tag}) => html`<li key=${tag}><${Tag} onRemove=${mayChange ? () => remove(tag) : undefined}>${tag}<//></li>`)}
      ${shown.length < tags.length ? html`<li><${Button} small onClick=${() => setAll(true)}>${t("moreTags", {n: tags.length - shown.length})}<//></li>` : null}
      ${!tags.length && !mayChange ? html`<li class="hint">${t("noTags")}</li>` : null}
      ${mayChange ? html`<li ref=${opener}>${adding ? html`<${AddTag} ...${shared} onClose=${close} />` : html`<${Button} small icon="plus" onClick=${() => setAdding(true)}>${t("addTag")}<//>`}</li>` : null}
    </ul>
    ${tags.length ? html`<details class="card-why"><summary>${t("whyTags")}</summary><dl>${tags.map((one) => html`<div key=${one.tag}><dt>${one.tag}</dt><dd>${t("sinceDay", {day: date(one.since)})} · ${tagReason(one, reasons)}</dd></div>`)}</dl></details>` : null}
  </div>`;
}

function tagReason({tag, since, cause}, reasons) {
  const told = reasons?.tags?.find((one) => one.tag === tag);
  return why(cause, {at: since, because: told?.because});
}

// Several at once when commas are between them.
function AddTag({business, card, changed, onClose}) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const [known, setKnown] = useState([]);
  const id = useId();
  const input = useRef(null);
  useEffect(() => {
    input.current.focus();
    get(business, "/counts").then((counts) => setKnown(counts.tags.map(({tag}) => tag)), () => undefined);
  }, []);
  const here = new Set((card.tags ?? []).map(({tag}) => tag));
  const submit = async (event) => {
    event.preventDefault();
    const tags = text.split(",").map((tag) => tag.trim()).filter(Boolean);
    if (!tags.length) return;
    setBusy(true);
    setError(null);
    try {
      const result = accepted(await command(business, "tags.add", {client_ids: [card.client_id], tags}));
      if (result.unchanged?.length) notify(t("tagThere"));
      changed();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return html`<form class="add-tag" onSubmit=${submit} onKeyDown=${(event) => event.key === "Escape" && onClose()}>
    <label class="visually-hidden" for=${id}>${t("addTag")}</label>
    <input id=${id} ref=${input} class="input" list="${id}-known" value=${text} placeholder=${t("tagName")} maxlength=${200} autocomplete="off" aria-invalid=${error ? "true" : undefined} aria-describedby=${error ? `${id}-error` : undefined} onInput=${(event) => setText(event.target.value)} />
    <datalist id="${id}-known">${known.filter((tag) => !here.has(tag)).map((tag) => html`<option key=${tag} value=${tag} />`)}</datalist>
    <${Button} small kind="primary" type="submit" busy=${busy} disabled=${!text.trim()}>${t("add")}<//>
    <${IconButton} icon="close" label=${t("cancel")} onClick=${onClose} />
    ${error ? html`<p class="field-error" id="${id}-error" role="alert">${refusal(error)}</p>` : null}
  </form>`;
}
