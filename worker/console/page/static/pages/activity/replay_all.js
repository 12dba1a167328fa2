// All dead letters, or all of one code, sent in again together, also those that are not on show yet.

import {useState} from "../../vendor/preact.js";
import {get, post} from "../../lib/api.js";
import {Confirm, Progress, html, notify} from "../../lib/parts.js";
import {t} from "./words.js";

const LETTERS_A_PAGE = 200;
const LETTERS_A_REQUEST = 100;
const MOST = 10_000;

async function every(business, code) {
  const found = [];
  let before;
  do {
    const page = await get(business, "/dead-letters", {limit: LETTERS_A_PAGE, before});
    found.push(...page.items.filter((letter) => letter.replayable && (!code || letter.code === code)));
    before = page.next_before;
  } while (before && found.length < MOST);
  return found.map(({letter}) => letter);
}

export function ReplayAll({business, code, onReplayed, onClose}) {
  const [progress, setProgress] = useState(null);
  const act = async () => {
    const letters = await every(business, code);
    let [replayed, skipped, refused] = [0, 0, 0];
    try {
      for (let start = 0; start < letters.length; start += LETTERS_A_REQUEST) {
        setProgress({done: start, total: letters.length});
        const part = letters.slice(start, start + LETTERS_A_REQUEST);
        const report = await post(business, "/dead-letters/replay", {letters: part});
        replayed += report.replayed;
        skipped += report.skipped.length;
        refused += report.refused.length;
        const stay = new Set(report.refused.map(({letter}) => letter));
        onReplayed(part.filter((letter) => !stay.has(letter)));
      }
    } finally {
      setProgress(null);
    }
    notify([t("replayedAll", {n: replayed}), skipped && t("skippedAll", {n: skipped}), refused && t("refusedAll", {n: refused})].filter(Boolean).join(", "));
  };
  return html`<${Confirm} title=${t("replayAllTitle")} say=${t("replayAll")} onClose=${onClose} act=${act}>
    <p>${code ? t("replayAllOf", {code}) : t("replayAllHint")}</p><p class="hint">${t("comesBack")}</p>
    ${progress ? html`<${Progress} ...${progress} label=${t("replaying")} />` : null}
  <//>`;
}
