// Several cards of one client become one (E1-E7): choose the one that stays, look at what it would be, then do it.

import {useState} from "../../vendor/preact.js";
import {command, get, id} from "../../lib/api.js";
import {date} from "../../lib/i18n.js";
import {useAsked} from "../../lib/live.js";
import {noteSaid} from "../../lib/merge_note.js";
import {Button, Callout, Dialog, Failed, Skeleton, StatusChip, html, notify} from "../../lib/parts.js";
import {accepted, refusal, refusals} from "../../lib/refusals.js";
import {labelOf} from "../../lib/labels.js";
import {compared} from "./merged.js";
import {nameOf} from "./rows.js";
import {t} from "./words.js";

export const MOST_MERGED = 10;

export function Merge({business, rows, settings, onDone, onClose}) {
  const all = [...rows.values()];
  const oldest = all.reduce((first, row) => (row.created_at < first.created_at ? row : first));
  const [primary, setPrimary] = useState(oldest.client_id);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const data = {primary_id: primary, duplicate_ids: all.map((row) => row.client_id).filter((one) => one !== primary)};
  const cards = useAsked((signal) => Promise.all(all.map((row) => get(business, `/clients/${id(row.client_id)}`, {}, signal))), [business]);
  const trial = useAsked((signal) => command(business, "clients.merge", {...data, dry_run: true}, {signal}), [business, primary]);
  const result = trial.loading ? null : trial.data;
  const refused = result?.type === "command.rejected";
  const merge = async () => {
    setBusy(true);
    setError(null);
    try {
      accepted(await command(business, "clients.merge", data));
      notify(t("mergedNow", {name: nameOf(rows.get(primary))}));
      onDone();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const footer = html`<${Button} onClick=${onClose}>${t("cancel")}<//><${Button} kind="primary" icon="merge" busy=${busy} disabled=${!result || refused} onClick=${merge}>${t("mergeNow", {n: all.length})}<//>`;
  return html`<${Dialog} title=${t("mergeTitle", {n: all.length})} wide onClose=${onClose} footer=${footer}>
    <fieldset class="primaries"><legend>${t("primary")}</legend>
      ${all.map((row) => html`<${Candidate} key=${row.client_id} row=${row} settings=${settings} chosen=${row.client_id === primary} onChoose=${() => setPrimary(row.client_id)} />`)}
    </fieldset>
    <div aria-live="polite" class="stack">
      ${trial.error || cards.error ? html`<${Failed} error=${trial.error ?? cards.error} again=${() => { cards.again(); trial.again(); }} />` : null}
      ${refused ? html`<${Callout} kind="bad" title=${t("cannotMerge")}>${refusals(result.errors).map(({said, clients}) => html`<p key=${said}>${clients.length ? `${clients.map((one) => nameOf(rows.get(one) ?? {client_id: one})).join(", ")}: ` : ""}${said}</p>`)}<//>` : null}
      ${!result && !trial.error ? html`<${Skeleton} lines=${4} />` : null}
      ${result?.preview && cards.data ? html`<${Preview} card=${result.preview} cards=${cards.data} primary=${primary} settings=${settings} />` : null}
      ${error ? html`<${Callout} kind="bad">${refusal(error)}<//>` : null}
    </div>
    <p class="hint">${t("mergeForGood")}</p>
  <//>`;
}

function Candidate({row, settings, chosen, onChoose}) {
  const status = settings.statuses.find(({code}) => code === row.status);
  return html`<label class="candidate"><input type="radio" name="primary" checked=${chosen} onChange=${onChoose} />
    <span class="candidate-words"><strong>${nameOf(row)}</strong><small>${[row.email, row.phone, t("createdOn", {day: date(row.created_at)})].filter(Boolean).join(" · ")}</small></span>
    ${status ? html`<${StatusChip} label=${labelOf(status)} color=${status.color} ended=${status.ended} />` : null}</label>`;
}

function Preview({card, cards, primary, settings}) {
  const {taken, left} = compared(card, cards, primary, settings);
  return html`<div class="merge-preview">
    <section><h3>${t("taken")}</h3>${taken.length ? html`<${Pairs} pairs=${taken} />` : html`<p class="hint">${t("nothingTaken")}</p>`}<p class="hint">${t("takenAlways")}</p></section>
    <section><h3>${t("left")}</h3>${left.length ? html`<${Pairs} pairs=${left} />` : html`<p class="hint">${t("nothingLeft")}</p>`}</section>
    ${card.latest_note ? html`<section class="merge-note"><h3>${t("note")}</h3><blockquote>${noteSaid(card.latest_note)}</blockquote></section>` : null}
  </div>`;
}

const Pairs = ({pairs}) => html`<dl class="pairs">${pairs.map(({label, values}) => html`<div key=${label}><dt>${label}</dt>${values.map((value) => html`<dd key=${value}>${value}</dd>`)}</div>`)}</dl>`;
