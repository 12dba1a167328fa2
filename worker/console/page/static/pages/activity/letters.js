// Dead letters: what could not be processed and why. What can go back to where it came from is sent in again, one by
// one, or all of a kind once its cause is mended.

import {useState} from "../../vendor/preact.js";
import {post} from "../../lib/api.js";
import {dateTime, number} from "../../lib/i18n.js";
import {Button, Empty, Failed, Select, Skeleton, html, notify} from "../../lib/parts.js";
import {refusal} from "../../lib/refusals.js";
import {named} from "./names.words.js";
import {usePages} from "./pages.js";
import {ReplayAll} from "./replay_all.js";
import {t} from "./words.js";

export function DeadLetters({business, mayChange}) {
  const pages = usePages(business, "/dead-letters");
  const [code, setCode] = useState("");
  const [replayed, setReplayed] = useState(new Set());
  const [all, setAll] = useState(false);
  if (pages.error && !pages.items) return html`<${Failed} error=${pages.error} again=${pages.again} />`;
  if (!pages.items) return html`<${Skeleton} lines=${6} />`;
  if (!pages.items.length) return html`<${Empty} icon="check" title=${t("noLetters")}>${t("noLettersHint")}<//>`;
  const shown = pages.items.filter((letter) => !code || letter.code === code);
  const done = (letters) => setReplayed((before) => new Set([...before, ...letters]));
  return html`<p class="hint feed-intro">${t("lettersHint")}</p>
    <div class="feed-tools"><${Select} label=${t("show")} value=${code} onValue=${setCode} options=${codesOf(pages)} />
      ${mayChange && shown.some(({replayable}) => replayable) ? html`<${Button} icon="undo" onClick=${() => setAll(true)}>${t("replayAll")}<//>` : null}</div>
    <ol class="cards">${shown.map((letter) => html`<${Letter} key=${letter.letter} business=${business} letter=${letter} mayChange=${mayChange} replayed=${replayed.has(letter.letter)} onReplayed=${() => done([letter.letter])} />`)}</ol>
    ${pages.error ? html`<${Failed} error=${pages.error} again=${pages.older} />` : null}
    ${pages.more ? html`<div class="feed-more"><${Button} busy=${pages.loading} onClick=${pages.older}>${t("more")}<//></div>` : null}
    ${all ? html`<${ReplayAll} business=${business} code=${code} onReplayed=${done} onClose=${() => setAll(false)} />` : null}`;
}

// The codes there are among those that were read, with how many.
function codesOf({items, more}) {
  const counts = new Map();
  for (const {code} of items) counts.set(code, (counts.get(code) ?? 0) + 1);
  const said = (what, n) => (more ? what : `${what} (${number(n)})`);
  return [["", said(t("all"), items.length)], ...[...counts].map(([code, n]) => [code, said(code, n)])];
}

function Letter({business, letter, mayChange, replayed, onReplayed}) {
  const [busy, setBusy] = useState(false);
  const replay = async () => {
    setBusy(true);
    try {
      const report = await post(business, "/dead-letters/replay", {letters: [letter.letter]});
      const [refused] = report.refused;
      if (refused) throw new Error(refusal(refused));
      onReplayed();
      notify(t(report.skipped.length ? "before" : "replayed"));
    } catch (problem) {
      notify(refusal(problem), "bad");
    }
    setBusy(false);
  };
  return html`<li class="section letter">
    <div class="letter-words">
      <p class="row"><span class="badge badge-bad">${letter.code}</span><span class="hint">${t("place", {...letter, partition: String(letter.partition), offset: String(letter.offset)})} · <time datetime=${letter.at}>${dateTime(letter.at)}</time></span></p>
      <p class="letter-why">${named(letter.code)}</p>
      <p class="hint letter-details" lang="en">${letter.message}</p>
    </div>
    ${!letter.replayable ? html`<p class="hint">${t("notReplayable")}</p>` : mayChange ? html`<${Button} icon="undo" busy=${busy} disabled=${replayed} onClick=${replay}>${replayed ? t("replayed") : t("replay")}<//>` : null}
  </li>`;
}
