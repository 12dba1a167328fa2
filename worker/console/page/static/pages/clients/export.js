// CSV of what is found, or of those who are chosen.

import {base, download} from "../../lib/api.js";
import {Menu, notify} from "../../lib/parts.js";
import {refusal} from "../../lib/refusals.js";
import {html} from "../../vendor/preact.js";
import {paramsOf} from "./asked.js";
import {t} from "./words.js";

export function follow(href, name) {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}

// The browser fetches it itself, so it may be as long as it likes.
function exportFound(business, asked, excel) {
  const given = Object.entries({...paramsOf(asked), excel: excel ? "true" : ""}).filter(([name, value]) => value && name !== "sort");
  follow(`${base(business)}/export.csv?${new URLSearchParams(given)}`, `${business}-clients.csv`);
}

async function exportChosen(business, ids, excel) {
  try {
    const address = URL.createObjectURL(await download(business, "/export.csv", {client_ids: ids, excel}));
    follow(address, `${business}-clients.csv`);
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (problem) {
    notify(refusal(problem), "bad");
  }
}

// Of those in `ids`, or without them of all who are found; as items of a menu.
export function exportItems({business, asked, ids}) {
  const run = (excel) => (ids ? exportChosen(business, ids, excel) : exportFound(business, asked, excel));
  return [
    {label: t("exportCsv"), icon: "download", act: () => run(false)},
    {label: t("exportExcel"), icon: "download", act: () => run(true)},
  ];
}

export const Export = (what) => html`<${Menu} label=${t("export")} text=${t("export")} icon="download" items=${exportItems(what)} />`;
