// Dead letters: what could not be processed and why; those that can go back to where they came from have a button.

import {useState} from "../../vendor/preact.js";
import {post} from "../../lib/api.js";
import {dateTime} from "../../lib/i18n.js";
import {Button, Empty, Failed, Skeleton, html, notify} from "../../lib/parts.js";
import {refusal} from "../../lib/refusals.js";
import {named} from "./names.words.js";
import {usePages} from "./pages.js";
import {t} from "./words.js";

export function DeadLetters({business, mayChange}) {
  const pages = usePages(business, "/dead-letters");
  if (pages.error && !pages.items) return html`<${Failed} error=${pages.error} again=${pages.again} />`;
  if (!pages.items) return html`<${Skeleton} lines=${6} />`;
  if (!pages.items.length) return html`<${Empty} icon="check" title=${t("noLetters")}>${t("noLettersHint")}<//>`;
  return html`<p class="hint feed-intro">${t("lettersHint")}</p>
    <ol class="cards">${pages.items.map((letter) => html`<${Letter} key=${letter.letter} business=${business} letter=${letter} mayChange=${mayChange} />`)}</ol>
    ${pages.more ? html`<div class="feed-more"><${Button} busy=${pages.loading} onClick=${pages.older}>${t("more")}<//></div>` : null}`;
}

function Letter({business, letter, mayChange}) {
  const [state, set] = useState(null);
  const replay = async () => {
    set("busy");
    try {
      const report = await post(business, "/dead-letters/replay", {letters: [letter.letter]});
      const [refused] = report.refused;
      if (refused) throw new Error(refusal(refused));
      set("done");
      notify(t(report.skipped.length ? "before" : "replayed"));
    } catch (problem) {
      set(null);
      notify(refusal(problem), "bad");
    }
  };
  return html`<li class="section letter">
    <div class="letter-words">
      <p class="row"><span class="badge badge-bad">${letter.code}</span><span class="hint">${t("place", {...letter, partition: String(letter.partition), offset: String(letter.offset)})} · <time datetime=${letter.at}>${dateTime(letter.at)}</time></span></p>
      <p class="letter-why">${named(letter.code)}</p>
      <p class="hint letter-details" lang="en">${letter.message}</p>
    </div>
    ${!letter.replayable ? html`<p class="hint">${t("notReplayable")}</p>` : mayChange ? html`<${Button} icon="undo" busy=${state === "busy"} disabled=${state === "done"} onClick=${replay}>${state === "done" ? t("replayed") : t("replay")}<//>` : null}
  </li>`;
}
