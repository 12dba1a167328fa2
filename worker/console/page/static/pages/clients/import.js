// Clients out of a spreadsheet (H6): look at what is in it first, say what its columns hold, then bring them in.

import {useRef, useState} from "../../vendor/preact.js";
import {postLines} from "../../lib/api.js";
import {date, number} from "../../lib/i18n.js";
import {Icon} from "../../lib/icons.js";
import {labelOf} from "../../lib/labels.js";
import {Button, Callout, Dialog, Progress, Skeleton, html} from "../../lib/parts.js";
import {refusal} from "../../lib/refusals.js";
import {follow} from "./export.js";
import {t} from "./import.words.js";

const LARGEST = 8 << 20;
const MOST_REASONS = 8;
const HOLDS = ["client_id", "name", "first_name", "middle_name", "last_name", "email", "phone", "status", "tags", "source", "staff_id", "client_type", "industry", "headcount", "linked_systems"];

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

export function Import({business, settings, onDone, onClose}) {
  const [file, setFile] = useState(null);
  const [map, setMap] = useState({});
  const [state, set] = useState({});
  const turn = useRef(0);
  const send = async (chosen, mapped, dryRun) => {
    const mine = (turn.current += 1);
    const tell = (told) => turn.current === mine && set(told);
    set((before) => ({...before, busy: true, error: null, progress: null, done: false}));
    const progress = (at) => turn.current === mine && set((before) => ({...before, progress: at}));
    try {
      const body = {
        content: await base64(chosen), name: chosen.name, time: new Date(Math.min(chosen.lastModified, Date.now())).toISOString(),
        map: Object.entries(mapped).map(([column, holds]) => `${column}=${holds}`), dry_run: dryRun,
      };
      const {report} = await postLines(business, "/import", body, progress);
      tell({report, done: !dryRun});
      if (!dryRun) onDone();
    } catch (error) {
      tell({error, report: dryRun ? null : state.report});
    }
  };
  const choose = (chosen) => {
    if (!chosen) return;
    setMap({});
    setFile(chosen);
    if (chosen.size > LARGEST) {
      turn.current += 1;
      set({error: new Error(t("tooLarge"))});
    } else send(chosen, {}, true);
  };
  const put = (column, holds) => {
    const mapped = {...map, [column]: holds};
    setMap(mapped);
    send(file, mapped, true);
  };
  const {report, busy, done, error, progress} = state;
  const count = report?.imported ?? 0;
  const importing = busy && report && progress;
  const footer = done
    ? html`<${Button} kind="primary" onClick=${onClose}>${t("close")}<//>`
    : html`<${Button} disabled=${importing} onClick=${onClose}>${t("cancel")}<//><${Button} kind="primary" icon="upload" busy=${busy} disabled=${!count || error} onClick=${() => send(file, map, false)}>${report ? t("importNow", {n: count}) : t("import")}<//>`;
  return html`<${Dialog} wide title=${t("title")} onClose=${() => importing || onClose()} footer=${footer}>
    ${done ? null : html`<${Choice} file=${file} disabled=${busy} onFile=${choose} />`}
    ${error ? html`<${Callout} kind="bad">${refusal(error)}${error.code === "unreadable_file" ? html`<p class="hint" lang="en">${error.message}</p>` : null}<//>` : null}
    ${busy ? (progress ? html`<${Progress} ...${progress} label=${report ? t("working") : t("looking")} />` : report ? null : html`<${Skeleton} lines=${3} />`) : null}
    ${report ? html`<${Report} report=${report} done=${done} file=${file} business=${business} settings=${settings} busy=${busy} onHolds=${put} />` : null}
  <//>`;
}

function Choice({file, disabled, onFile}) {
  const [over, setOver] = useState(false);
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    if (!disabled) onFile(event.dataTransfer.files[0]);
  };
  const drag = (event) => {
    event.preventDefault();
    setOver(true);
  };
  return html`<label class=${over ? "file-choice file-over" : "file-choice"} onDragOver=${drag} onDragLeave=${() => setOver(false)} onDrop=${drop}>
    <${Icon} name="upload" size=${22} /><span class="file-words"><strong>${file ? file.name : t("choose")}</strong><span class="hint">${file ? t("another") : t("chooseHint")}</span></span>
    <input type="file" accept=".csv,.txt,.tsv,.xlsx,.xlsm" disabled=${disabled} onChange=${(event) => onFile(event.target.files[0])} />
  </label>`;
}

function Report({report, done, file, business, settings, busy, onHolds}) {
  const rejected = () => {
    const address = URL.createObjectURL(new Blob([`\ufeff${report.rejected}`], {type: "text/csv"}));
    follow(address, `${file.name.replace(/\.\w+$/, "")}.rejected.csv`);
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };
  const statuses = report.columns.some(({holds}) => holds === "status");
  return html`<div class="stack" aria-live="polite">
    <${Callout} kind=${report.refused ? "warn" : "good"} title=${done ? t("imported", {n: report.imported}) : t("can", {n: report.imported})}>
      ${report.refused ? t("refused", {n: report.refused}) : done ? t("importedHint") : ""}<//>
    ${report.refused ? html`<div class="stack"><ul class="plain-list" lang="en">${report.reasons.slice(0, MOST_REASONS).map(({row, reason}) => html`<li key=${row}>${t("row", {row: number(row)})}: ${reason}</li>`)}</ul>
      <div class="row"><${Button} small icon="download" onClick=${rejected}>${t("rejected")}<//><span class="hint">${t("rejectedHint")}</span></div></div>` : null}
    ${done ? null : html`<${Columns} report=${report} settings=${settings} busy=${busy} onHolds=${onHolds} />`}
    ${statuses && !done ? html`<p class="hint">${t("statusHint", {day: date(new Date(file.lastModified).toISOString())})}</p>` : null}
    ${report.note ? html`<p class="hint" lang="en">${report.note}</p>` : null}
  </div>`;
}

// What each column holds can be said otherwise; what nobody knows is left out unless it is said.
function Columns({report, settings, busy, onHolds}) {
  const own = settings.fields.map((field) => [`fields.${field.field_id}`, labelOf(field)]);
  const columns = [...report.columns, ...report.unused.map((column) => ({column, holds: ""}))];
  return html`<table class="import-columns"><thead><tr><th scope="col">${t("column")}</th><th scope="col">${t("holds")}</th></tr></thead>
    <tbody>${columns.map(({column, holds}) => html`<tr key=${column}><th scope="row">${column}</th><td><select class="input" aria-label=${t("holdsOf", {column})} value=${holds} disabled=${busy} onChange=${(event) => onHolds(column, event.target.value)}>
      <option value="" selected=${!holds}>${t("leftOut")}</option>
      ${HOLDS.map((one) => html`<option key=${one} value=${one} selected=${one === holds}>${t(one)}</option>`)}
      ${own.length ? html`<optgroup label=${t("own")}>${own.map(([one, label]) => html`<option key=${one} value=${one} selected=${one === holds}>${label}</option>`)}</optgroup>` : null}
    </select></td></tr>`)}</tbody></table>`;
}
