// What is done with all the clients that are chosen: another status, more or fewer tags.

import {useState} from "../../vendor/preact.js";
import {Button, Callout, Dialog, Progress, Select, Text, html, notify} from "../../lib/parts.js";
import {refusal, refusals} from "../../lib/refusals.js";
import {Tokens} from "../../lib/tokens.js";
import {labelOf} from "../../lib/labels.js";
import {nameOf} from "./rows.js";
import {t} from "./words.js";
import {forAll, refusedWhole} from "./work.js";

const LONGEST_REASON = 500;
const MOST_TAGS = 50;

export function SetStatus({settings, ...shared}) {
  const [code, setCode] = useState("");
  const [endReason, setEndReason] = useState("");
  const [reason, setReason] = useState("");
  const status = settings.statuses.find((one) => one.code === code);
  const reasons = settings.classifications.end_reason ?? [];
  const required = settings.automation.require_end_reason;
  const asksReason = status?.ended && (reasons.length > 0 || required);
  const ready = Boolean(status) && !(asksReason && required && !endReason);
  const dataOf = (ids) => ({client_ids: ids, status: code, ...(asksReason && endReason ? {end_reason: endReason} : {}), ...(reason.trim() ? {reason: reason.trim()} : {})});
  return html`<${Bulk} ...${shared} title=${t("setStatus")} say=${t("setStatus")} type="status.set" ready=${ready} dataOf=${dataOf}>
    <${Select} label=${t("newStatus")} value=${code} onValue=${setCode} required options=${[["", t("choose")], ...settings.statuses.map((one) => [one.code, labelOf(one)])]} />
    ${asksReason && reasons.length ? html`<${Select} label=${t("endReason")} hint=${required ? undefined : t("optional")} required=${required} value=${endReason} onValue=${setEndReason} options=${[["", required ? t("choose") : t("noReason")], ...reasons.map((one) => [one.code, labelOf(one)])]} />` : null}
    ${asksReason && !reasons.length ? html`<${Callout} kind="warn">${t("noEndReasons")}<//>` : null}
    ${status ? html`<${Text} label=${t("why")} hint=${t("optional")} value=${reason} onValue=${setReason} maxlength=${LONGEST_REASON} />` : null}
    <p class="hint">${t("byHandHint")}</p>
  <//>`;
}

// `add` or not: then they are taken away. To take away, those are offered that the chosen clients have.
export function ChangeTags({add, counts, rows, ...shared}) {
  const [tags, setTags] = useState([]);
  const [typing, setTyping] = useState(false);
  const known = (counts?.tags ?? []).map(({tag}) => tag);
  const theirs = [...new Set([...rows.values()].flatMap((row) => row.tags))];
  const say = t(add ? "addTags" : "removeTags");
  const error = tags.length > MOST_TAGS ? t("tooManyTagsAtOnce", {n: MOST_TAGS}) : undefined;
  return html`<${Bulk} ...${shared} rows=${rows} title=${say} say=${say} type=${add ? "tags.add" : "tags.remove"} ready=${(tags.length > 0 || typing) && !error} dataOf=${(ids) => ({client_ids: ids, tags})}>
    <${Tokens} label=${t("tags")} hint=${t("tagsHint")} error=${error} required values=${tags} onValues=${setTags} onTyping=${setTyping} suggestions=${add ? known : theirs} />
    ${!add && theirs.length ? html`<div class="chips" role="group" aria-label=${t("theirTags")}>${theirs.filter((tag) => !tags.includes(tag)).slice(0, 12).map((tag) => html`<button key=${tag} type="button" class="tag-chip tag-offer" onClick=${() => setTags([...tags, tag])}><span class="tag-text">${tag}</span></button>`)}</div>` : null}
  <//>`;
}

function Bulk({business, rows, title, say, type, ready, dataOf, onDone, onClose, children}) {
  const [progress, setProgress] = useState(null);
  const [answer, setAnswer] = useState(null);
  const [error, setError] = useState(null);
  const ids = [...rows.keys()];
  const submit = async (event) => {
    event.preventDefault();
    if (!ready || progress) return;
    setError(null);
    setProgress({done: 0, total: ids.length});
    const done = await forAll(business, type, ids, dataOf, setProgress);
    setProgress(null);
    if (done.problem && done.undone === ids.length) {
      setError(refusal(done.problem));
      return;
    }
    const whole = refusedWhole(done, ids);
    if (whole && ids.length > 1) {
      setError(whole);
      return;
    }
    onDone();
    if (done.errors.length || done.undone) setAnswer(done);
    else {
      notify(summary(done));
      onClose();
    }
  };
  if (answer) {
    return html`<${Dialog} title=${title} onClose=${onClose} footer=${html`<${Button} kind="primary" onClick=${onClose}>${t("done")}<//>`}><${Outcome} answer=${answer} rows=${rows} /><//>`;
  }
  const footer = html`<${Button} onClick=${onClose} disabled=${Boolean(progress)}>${t("cancel")}<//><${Button} kind="primary" busy=${Boolean(progress)} disabled=${!ready} onClick=${submit}>${say}<//>`;
  return html`<${Dialog} title=${title} onClose=${progress ? () => undefined : onClose} footer=${footer}><form class="stack" onSubmit=${submit}>
    <p>${t("forClients", {n: ids.length})}</p>
    ${children}
    ${error ? html`<${Callout} kind="bad">${error}<//>` : null}
    ${progress ? html`<${Progress} ...${progress} label=${t("working")} />` : null}
  </form><//>`;
}

// "18 changed, 2 unchanged, 1 refused"
export function summary({changed, unchanged, errors, undone}) {
  const parts = [t("changed", {n: changed}), unchanged && t("unchanged", {n: unchanged}), errors.length && t("refused", {n: errors.length}), undone && t("undone", {n: undone})];
  return parts.filter(Boolean).join(", ");
}

function Outcome({answer, rows}) {
  const named = (id) => (rows.has(id) ? nameOf(rows.get(id)) : id);
  return html`<div class="stack">
    <${Callout} kind=${answer.errors.length || answer.undone ? "warn" : "good"} title=${summary(answer)}>${answer.problem ? refusal(answer.problem) : null}<//>
    ${refusals(answer.errors).map(({said, clients}) => html`<section key=${said} class="refusal"><h3>${said}</h3>
      <ul class="plain-list">${clients.map((id) => html`<li key=${id}>${named(id)}</li>`)}</ul></section>`)}
  </div>`;
}
