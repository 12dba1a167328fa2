// What the forms of all lists share: a dialog that saves, names in several languages, and codes made from names.

import {useId, useState} from "../../vendor/preact.js";
import {LANGUAGES} from "../../lib/i18n.js";
import {Button, Callout, Dialog, Progress, Text, html} from "../../lib/parts.js";
import {refusal} from "../../lib/refusals.js";
import {t} from "./words.js";

const MAX_CODE = 64;
const CODE = /^[A-Za-z0-9._:-]{1,64}$/;

// submit() saves and may take its time; what it throws is shown, and the dialog stays.
export function FormDialog({title, onClose, submit, control, say, wide, children}) {
  const id = useId();
  const [error, setError] = useState(null);
  const save = async (event) => {
    event.preventDefault();
    if (control.busy) return;
    try {
      setError(null);
      await submit();
      onClose();
    } catch (problem) {
      setError(problem);
    }
  };
  const close = () => control.busy || onClose();
  const footer = html`<${Button} disabled=${control.busy} onClick=${close}>${t("cancel")}<//><${Button} kind="primary" type="submit" form=${id} busy=${control.busy}>${say ?? t("save")}<//>`;
  return html`<${Dialog} title=${title} onClose=${close} footer=${footer} wide=${wide}>
    <form id=${id} class="stack" onSubmit=${save}>${children}
      ${control.progress ? html`<${Progress} ...${control.progress} label=${t("moving")} />` : null}
      ${error ? html`<${Callout} kind="bad">${refusal(error)}<//>` : null}
    </form>
  <//>`;
}

export const slug = (name) => name.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").toLowerCase().slice(0, MAX_CODE);

// A code follows the name until somebody types one. -> {code, field}
export function useCode(name, taken) {
  const [typed, setTyped] = useState(null);
  const code = typed ?? slug(name);
  const wrong = code && !CODE.test(code) ? t("codeWrong") : taken.includes(code) ? t("codeTaken") : null;
  const field = html`<${Text} label=${t("code")} hint=${t("codeHint")} class="input mono" value=${code} error=${wrong} onValue=${setTyped} required pattern="[A-Za-z0-9._:\\-]{1,64}" maxlength=${MAX_CODE} spellcheck=${false} />`;
  return {code, field, wrong};
}

const nameIn = (thing, locale) => thing?.labels?.[locale] ?? "";
const mainOf = (thing, locale) => (thing ? nameIn(thing, locale) || thing.label || "" : "");

// -> {main, fields, label()}: label() is what a define message says of the names, undefined when nothing changed.
// A single name without languages is the one for all; a name that was given by language can be changed, not taken away.
export function useNames(thing, locale) {
  const locales = [...new Set([...Object.keys(LANGUAGES), ...Object.keys(thing?.labels ?? {})])].filter((code) => code !== locale);
  const [main, setMain] = useState(mainOf(thing, locale));
  const [others, setOthers] = useState(Object.fromEntries(locales.map((code) => [code, nameIn(thing, code)])));
  const byLanguage = Object.keys(thing?.labels ?? {}).length > 0;
  const label = () => {
    const named = Object.fromEntries(Object.entries(others).filter(([code, name]) => name.trim() && name !== nameIn(thing, code)));
    if (main.trim() && main !== mainOf(thing, locale)) named[locale] = main;
    const only = Object.keys(named);
    if (!only.length) return undefined;
    return !byLanguage && only.length === 1 && only[0] === locale ? main : named;
  };
  const fields = html`<${Text} label=${t("name")} value=${main} onValue=${setMain} required maxlength="200" />
    <details class="more-names"><summary>${t("languages")}</summary><div class="more-names-fields">
      ${locales.map((code) => html`<${Text} key=${code} label=${languageName(code)} value=${others[code]} lang=${code} maxlength="200" required=${Boolean(nameIn(thing, code))} onValue=${(name) => setOthers((before) => ({...before, [code]: name}))} />`)}
    </div></details>`;
  return {main, fields, label};
}

function languageName(code) {
  try {
    return LANGUAGES[code] ?? new Intl.DisplayNames(code, {type: "language"}).of(code);
  } catch {
    return code;
  }
}
