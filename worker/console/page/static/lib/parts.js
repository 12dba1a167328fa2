// The parts every page is made of. Each is usable by keyboard and says what it is to a screen reader.

import {Fragment, html, useEffect, useId, useLayoutEffect, useRef, useState} from "../vendor/preact.js";
import {isAway, onWaiting} from "./api.js";
import {ago, exact, language, words} from "./i18n.js";
import {Icon} from "./icons.js";
import {refusal} from "./refusals.js";

const t = words({
  en: {close: "Close", cancel: "Cancel", again: "Try again", loading: "Loading …", slow: "Still loading: the server takes longer than usual.", wrong: "That did not work", dismiss: "Dismiss", remove: "Remove {what}", more: {one: "Show {n} more", other: "Show {n} more"}, whole: "Show all of it", progress: "{done} of {total}", waiting: "No answer from the worker yet – still waiting …"},
  nl: {close: "Sluiten", cancel: "Annuleren", again: "Opnieuw proberen", loading: "Laden …", slow: "Nog aan het laden: de server doet er langer over dan normaal.", wrong: "Dat lukte niet", dismiss: "Sluiten", remove: "{what} verwijderen", more: {one: "Nog {n} tonen", other: "Nog {n} tonen"}, whole: "Alles tonen", progress: "{done} van {total}", waiting: "Nog geen antwoord – er wordt gewacht …"},
  it: {close: "Chiudi", cancel: "Annulla", again: "Riprova", loading: "Caricamento …", slow: "Ancora in caricamento: il server impiega più del solito.", wrong: "Non è riuscito", dismiss: "Chiudi", remove: "Rimuovi {what}", more: {one: "Mostra ancora {n}", other: "Mostra ancora {n}"}, whole: "Mostra tutto", progress: "{done} di {total}", waiting: "Ancora nessuna risposta – in attesa …"},
  fi: {close: "Sulje", cancel: "Peruuta", again: "Yritä uudelleen", loading: "Ladataan …", slow: "Ladataan vielä: palvelimella kestää tavallista kauemmin.", wrong: "Se ei onnistunut", dismiss: "Sulje", remove: "Poista {what}", more: {one: "Näytä vielä {n}", other: "Näytä vielä {n}"}, whole: "Näytä kaikki", progress: "{done} / {total}", waiting: "Ei vielä vastausta – odotetaan …"},
}, "parts");

export const classes = (...names) => names.filter(Boolean).join(" ");

// kind: "primary", "quiet", "danger", or the plain one.
export function Button({kind = "plain", icon, busy = false, disabled = false, small = false, children, type = "button", ...rest}) {
  return html`<button type=${type} class=${classes("button", `button-${kind}`, small && "button-small")} disabled=${disabled || busy} aria-busy=${busy ? "true" : undefined} ...${rest}>
    ${busy ? html`<span class="spinner" aria-hidden="true"></span>` : icon ? html`<${Icon} name=${icon} size=${16} />` : null}
    ${children ? html`<span>${children}</span>` : null}
  </button>`;
}

export const IconButton = ({icon, label, ...rest}) => html`<button type="button" class="icon-button" aria-label=${label} title=${label} ...${rest}><${Icon} name=${icon} /></button>`;

// A label over one control: <${Field} label="…" hint error>${(props) => html`<input ...${props} />`}<//>
export function Field({label, hint, error, required, children, inline = false}) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return html`<div class=${classes("field", inline && "field-inline")}>
    <label for=${id}>${label}${required ? html`<span class="required" aria-hidden="true"> *</span>` : null}</label>
    ${children({id, "aria-describedby": described, "aria-invalid": error ? "true" : undefined, required})}
    ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : null}
    ${error ? html`<p class="field-error" id="${id}-error">${error}</p>` : null}
  </div>`;
}

export const Text = ({label, hint, error, value, onValue, required, ...rest}) => html`<${Field} label=${label} hint=${hint} error=${error} required=${required}>
  ${(props) => html`<input class="input" value=${value} onInput=${(e) => onValue(e.target.value)} autocomplete="off" ...${props} ...${rest} />`}
<//>`;

// options: [[value, label], …]
export const Select = ({label, hint, error, value, onValue, options, required, ...rest}) => html`<${Field} label=${label} hint=${hint} error=${error} required=${required}>
  ${(props) => html`<select class="input" value=${value} onChange=${(e) => onValue(e.target.value)} ...${props} ...${rest}>
    ${options.map(([code, said]) => html`<option key=${code} value=${code} selected=${code === value}>${said}</option>`)}
  </select>`}
<//>`;

export const Check = ({label, checked, onValue, ...rest}) => html`<label class="check"><input type="checkbox" checked=${checked} onChange=${(e) => onValue(e.target.checked)} ...${rest} /><span>${label}</span></label>`;

// A switch that a screen reader calls one. `hint` explains it, also why it cannot be moved.
export function Switch({label, hint, checked, onValue, disabled}) {
  const id = useId();
  return html`<div class="switch-row">
    <div class="switch-words"><span id="${id}-label" class="switch-label">${label}</span>${hint ? html`<span id="${id}-hint" class="hint">${hint}</span>` : null}</div>
    <button type="button" role="switch" class="switch" aria-checked=${checked ? "true" : "false"} aria-labelledby="${id}-label" aria-describedby=${hint ? `${id}-hint` : undefined}
      aria-disabled=${disabled ? "true" : undefined} onClick=${() => !disabled && onValue(!checked)}><span class="switch-knob"></span></button>
  </div>`;
}

// A colour that the business chose, given to CSS as --chip; styles in the text of the page are not allowed.
export function Coloured({color, as = "span", class: name, children, ...rest}) {
  const ref = useRef(null);
  useLayoutEffect(() => {
    if (/^#[0-9a-f]{6}$/i.test(color ?? "")) ref.current.style.setProperty("--chip", color);
  }, [color]);
  return html`<${as} ref=${ref} class=${name} ...${rest}>${children}<//>`;
}

// A status of a business: {code, label, color, ended}.
export const StatusChip = ({label, color, ended}) => html`<${Coloured} color=${color} class=${classes("status-chip", ended && "status-ended")}><span class="dot" aria-hidden="true"></span><span class="status-words" title=${label}>${label}</span><//>`;

export const Tag = ({children, onRemove}) => html`<span class="tag-chip"><span class="tag-text" title=${String(children)}>${children}</span>${onRemove ? html`<button type="button" class="tag-remove" aria-label=${t("remove", {what: String(children)})} onClick=${onRemove}><${Icon} name="close" size=${12} /></button>` : null}</span>`;

// What is chosen in a strip stands in its middle: on a phone it may be outside.
export function useInSight(strip, chosen, when) {
  useEffect(() => {
    const here = strip.current.querySelector(chosen);
    if (here) strip.current.scrollLeft = here.offsetLeft - (strip.current.clientWidth - here.offsetWidth) / 2;
  }, when);
}

// tabs: [[id, label, count?], …]; the panel is what follows: give it role="tabpanel" by <${TabPanel} id>.
export function Tabs({label, tabs, value, onValue}) {
  const list = useRef(null);
  useInSight(list, "[aria-selected=true]", [value, tabs.flat().join()]);
  const keys = (event) => {
    const at = tabs.findIndex(([id]) => id === value);
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const [next] = tabs.at(to % tabs.length);
    onValue(next);
    event.currentTarget.querySelector(`[data-tab="${next}"]`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} ref=${list} onKeyDown=${keys}>
    ${tabs.map(([id, said, count]) => html`<button key=${id} type="button" role="tab" id="tab-${id}" data-tab=${id} class="tab" aria-selected=${id === value ? "true" : "false"} aria-controls="panel-${id}" tabindex=${id === value ? 0 : -1} onClick=${() => onValue(id)}>${said}${count === undefined ? null : html`<span class="count">${count}</span>`}</button>`)}
  </div>`;
}

export const TabPanel = ({id, children, ...rest}) => html`<div role="tabpanel" id="panel-${id}" aria-labelledby="tab-${id}" tabindex="0" class="tab-panel" ...${rest}>${children}</div>`;

// A dialog over the page; Escape and the cross close it, focus goes back to where it was.
export function Dialog({title, onClose, children, footer, wide = false}) {
  const ref = useRef(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const cancelled = (event) => {
    event.preventDefault();
    onClose();
  };
  const outside = (event) => event.target === ref.current && onClose();
  return html`<dialog ref=${ref} class=${classes("dialog", wide && "dialog-wide")} aria-labelledby=${id} onCancel=${cancelled} onMouseDown=${outside}>
    <div class="dialog-inside">
      <header class="dialog-head"><h2 id=${id}>${title}</h2><${IconButton} icon="close" label=${t("close")} onClick=${onClose} /></header>
      <div class="dialog-body">${children}</div>
      ${footer ? html`<footer class="dialog-foot">${footer}</footer>` : null}
    </div>
  </dialog>`;
}

// Asks before something that cannot be taken back. `act` may take its time; what it throws is shown.
export function Confirm({title, children, say, kind = "primary", onClose, act}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await act();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const footer = html`<${Button} onClick=${onClose}>${t("cancel")}<//><${Button} kind=${kind} busy=${busy} onClick=${go}>${say}<//>`;
  return html`<${Dialog} title=${title} onClose=${onClose} footer=${footer}>${children}${error ? html`<${Callout} kind="bad">${refusal(error)}<//>` : null}<//>`;
}

// A button that opens a menu: items [{label, icon, act, danger?, disabled?}]; arrows move, Escape closes.
export function Menu({label, icon = "more", text, items, align = "end"}) {
  const [open, set] = useState(false);
  const ref = useRef(null);
  const id = useId();
  useEffect(() => {
    if (!open) return undefined;
    ref.current.querySelector("[role=menuitem]:not([disabled])")?.focus();
    const away = (event) => !ref.current.contains(event.target) && set(false);
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  const close = () => {
    set(false);
    ref.current.querySelector("button")?.focus();
  };
  const keys = (event) => {
    if (event.key === "Escape" && open) {
      event.stopPropagation();
      close();
    }
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!step || !open) return;
    event.preventDefault();
    const all = [...ref.current.querySelectorAll("[role=menuitem]:not([disabled])")];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
  };
  return html`<div class="menu" ref=${ref} onKeyDown=${keys}>
    <button type="button" class=${text ? "button button-plain" : "icon-button"} aria-haspopup="menu" aria-expanded=${open ? "true" : "false"} aria-controls=${id} aria-label=${text ? undefined : label} title=${text ? undefined : label} onClick=${() => set(!open)}>
      <${Icon} name=${icon} size=${text ? 16 : 18} />${text ? html`<span>${text}</span>` : null}
    </button>
    ${open ? html`<div class="menu-list menu-${align}" role="menu" id=${id} aria-label=${label}>
      ${items.map((item) => html`<button key=${item.label} type="button" role="menuitem" class=${classes("menu-item", item.danger && "menu-danger")} disabled=${item.disabled} onClick=${() => { close(); item.act(); }}>${item.icon ? html`<${Icon} name=${item.icon} size=${16} />` : null}<span>${item.label}</span></button>`)}
    </div>` : null}
  </div>`;
}

// kind: "info", "good", "warn", "bad".
export function Callout({kind = "info", title, children, action}) {
  const ref = useRef(null);
  useEffect(() => {
    if (kind === "bad" && ref.current.closest("dialog")) ref.current.scrollIntoView({block: "nearest"}); // below a long form
  }, [kind, children]);
  return html`<div ref=${ref} class="callout callout-${kind}" role=${kind === "bad" ? "alert" : "note"}>
    <${Icon} name=${{good: "check", info: "info"}[kind] ?? "warning"} />
    <div class="callout-words">${title ? html`<strong>${title}</strong>` : null}<div>${children}</div></div>${action}
  </div>`;
}

// What is away comes back: it is asked again meanwhile.
const AGAIN_MS = 5_000;
export function Failed({error, again}) {
  useEffect(() => {
    if (!again || !isAway(error)) return undefined;
    const timer = setTimeout(again, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [error]);
  return html`<${Callout} kind="bad" title=${t("wrong")} action=${again ? html`<${Button} small onClick=${again}>${t("again")}<//>` : null}>${refusal(error)}<//>`;
}

// A part of the page that could not be fetched; a browser fetches it anew only with the whole page.
export const Unreachable = () => html`<${Failed} error=${{code: "unavailable"}} again=${() => location.reload()} />`;

export const Empty = ({icon = "info", title, children, action}) => html`<div class="empty"><span class="empty-icon"><${Icon} name=${icon} size=${28} /></span><h3>${title}</h3>${children ? html`<p>${children}</p>` : null}${action}</div>`;

const SLOW_MS = 8_000;

export function Skeleton({lines = 3}) {
  const [slow, set] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => set(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return html`<div class="skeleton" role="status">${slow ? html`<p class="hint">${t("slow")}</p>` : html`<span class="visually-hidden">${t("loading")}</span>`}${Array.from({length: lines}, (_, i) => html`<span key=${i} class="skeleton-line"></span>`)}</div>`;
}

export const Progress = ({done, total, label}) => html`<div class="progress"><div class="progress-words"><span>${label}</span><span>${t("progress", {done, total})}</span></div><progress value=${done} max=${Math.max(total, 1)} aria-label=${label}></progress></div>`;

// The first of a list, and a button for the rest; one more than `most` needs no button. children: (item) -> a <li>.
export function Few({items, most, children}) {
  const [all, set] = useState(false);
  const shown = all || items.length <= most + 1 ? items : items.slice(0, most);
  return html`${shown.map(children)}${shown.length < items.length ? html`<li class="few-more"><${Button} small kind="quiet" icon="down" onClick=${() => set(true)}>${t("more", {n: items.length - shown.length})}<//></li>` : null}`;
}

const LONG_TEXT = 600;

// What somebody wrote; of a long text the beginning, until all of it is asked for.
export function Long({text}) {
  const [all, set] = useState(text.length <= LONG_TEXT);
  if (all) return text;
  return html`${text.slice(0, LONG_TEXT / 2).trimEnd()} … <button type="button" class="text-button" onClick=${() => set(true)}>${t("whole")}</button>`;
}

// A moment, as people say it; the exact one stands beside it for those who point at it.
export function When({at, now, absolute}) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
  return html`<time datetime=${at} title=${exact(at)} lang=${language()}>${absolute ? absolute(at) : ago(at, now)}</time>`;
}

// A box of a page with a heading of its own.
export function Section({title, hint, actions, children, class: name, level = 2}) {
  const id = useId();
  return html`<section class=${classes("section", name)} aria-labelledby=${id}>
    <header class="section-head"><div><${`h${level}`} id=${id}>${title}<//>${hint ? html`<p class="hint">${hint}</p>` : null}</div>${actions ? html`<div class="section-actions">${actions}</div>` : null}</header>
    ${children}
  </section>`;
}

// The head of a page: what it is, and what can be done with it as a whole.
export const PageHead = ({title, hint, actions, back}) => html`<header class="page-head">${back ?? null}<div class="page-title"><h1 tabindex="-1">${title}</h1>${hint ? html`<p class="hint">${hint}</p>` : null}</div>${actions ? html`<div class="page-actions">${actions}</div>` : null}</header>`;

// Short messages at the edge of the page: notify("Saved"), notify(problem.message, "bad").
let tell = () => undefined;
export const notify = (message, kind = "good") => tell({message, kind, key: crypto.randomUUID?.() ?? String(Math.random())});

export function Notices() {
  const [notices, set] = useState([]);
  tell = (notice) => {
    set((all) => [...all.slice(-3), notice]);
    if (notice.kind !== "bad") setTimeout(() => set((all) => all.filter((n) => n.key !== notice.key)), 6_000);
  };
  const [waiting, setWaiting] = useState(false);
  useEffect(() => onWaiting(setWaiting), []);
  const drop = (key) => set((all) => all.filter((n) => n.key !== key));
  return html`<div class="notices" role="status" aria-live="polite">
    ${waiting ? html`<div class="notice notice-waiting"><span class="spinner" aria-hidden="true"></span><span>${t("waiting")}</span></div>` : null}
    ${notices.map((n) => html`<div key=${n.key} class="notice notice-${n.kind}"><${Icon} name=${n.kind === "good" ? "check" : "warning"} /><span>${n.message}</span><${IconButton} icon="close" label=${t("dismiss")} onClick=${() => drop(n.key)} /></div>`)}
  </div>`;
}

export {Fragment, html};
