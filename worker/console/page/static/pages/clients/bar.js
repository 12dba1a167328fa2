// What can be done with those who are selected.

import {useEffect, useRef, useState} from "../../vendor/preact.js";
import {Button, IconButton, Menu, Progress, html, notify} from "../../lib/parts.js";
import {refusal} from "../../lib/refusals.js";
import {paramsOf} from "./asked.js";
import {Export, exportItems} from "./export.js";
import {MOST_MERGED} from "./merge.js";
import {everybody} from "./pages.js";
import {MOST_SELECTED, keepFocus} from "./selection.js";
import {t} from "./words.js";

export function SelectionBar({business, asked, selection, mayChange, setDialog, narrow, children}) {
  const mergeable = selection.size >= 2 && selection.size <= MOST_MERGED;
  const open = (what) => setDialog({what, rows: selection.rows});
  const items = [
    {label: t("addTags"), icon: "tag", act: () => open("addTags")},
    {label: t("removeTags"), icon: "minus", act: () => open("removeTags")},
    {label: mergeable ? t("merge") : t("mergeFew", {n: MOST_MERGED}), icon: "merge", disabled: !mergeable, act: () => open("merge")},
  ];
  const exported = {business, asked, ids: selection.ids()};
  const inMenu = [...(mayChange ? items : []), ...exportItems(exported)];
  const clear = () => {
    selection.clear();
    keepFocus();
  };
  return html`<div class="selection-bar" role="region" aria-label=${t("selection")}>
    <div class="selection-line"><${IconButton} icon="close" label=${t("clearSelection")} onClick=${clear} /><strong role="status">${t("selected", {n: selection.size})}</strong>
      ${mayChange ? html`<${Button} small kind="primary" onClick=${() => open("status")}>${t("setStatus")}<//>` : null}
      ${narrow ? html`<${Menu} label=${t("more")} items=${inMenu} />` : null}
      ${mayChange && !narrow ? items.map((item) => html`<${Button} key=${item.icon} small icon=${item.icon} disabled=${item.disabled} title=${item.disabled ? item.label : undefined} onClick=${item.act}>${item.icon === "merge" ? t("merge") : item.label}<//>`) : null}
      ${narrow ? null : html`<span class="selection-end"><${Export} ...${exported} /></span>`}
    </div>
    ${children}
  </div>`;
}

// When all on show are selected and there are more: all of them, in one go.
export function SelectEverybody({business, asked, pages, selection}) {
  const [progress, setProgress] = useState(null);
  const running = useRef(null);
  useEffect(() => () => running.current?.abort(), []); // something else is asked: those who were looked for are not meant any more
  const allShown = pages.items.every(({client_id: id}) => selection.has(id));
  if (!pages.next || !allShown || selection.size >= Math.min(pages.total, MOST_SELECTED)) return null;
  const most = Math.min(pages.total, MOST_SELECTED);
  const run = async () => {
    const {signal} = (running.current = new AbortController());
    setProgress({done: 0, total: most});
    try {
      const found = await everybody(business, paramsOf(asked), MOST_SELECTED, setProgress, signal);
      if (!signal.aborted) selection.take(found);
    } catch (problem) {
      if (!signal.aborted) notify(refusal(problem), "bad");
    }
    setProgress(null);
  };
  if (progress) return html`<${Progress} ...${progress} label=${t("selecting")} />`;
  return html`<button type="button" class="text-button" onClick=${run}>${t("selectEverybody", {n: most})}</button>`;
}
