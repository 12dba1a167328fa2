// The switch: what makes a client of a lead, and when one has gone quiet. Changes are gathered and saved together.

import {useEffect, useState} from "../../vendor/preact.js";
import {useControl} from "../../lib/control.js";
import {labelOf} from "../../lib/labels.js";
import {Button, Callout, Field, Section, Select, StatusChip, Switch, classes, html} from "../../lib/parts.js";
import {Link, to} from "../../lib/route.js";
import {Before} from "./before.js";
import {TRIGGERS, changed, daysFit, flat, onlyTrigger} from "./draft.js";
import {statusOf, withRole} from "./names.js";
import {Review} from "./review.js";
import {languageName, t} from "./words.js";

const LOCALES = ["en", "nl", "it", "fi", "de", "fr", "es", "pt", "sv", "da", "nb", "pl", "cs", "hu", "ro", "el", "tr", "uk", "ru", "ar", "he", "zh", "ja"];
const QUIET_AFTER = 180;

export const chipOf = (settings, role) => {
  const status = withRole(settings, role);
  return html`<${StatusChip} label=${labelOf(status)} color=${status.color} ended=${status.ended} />`;
};

export default function TheSwitch({business, settings, again, mayChange}) {
  const [draft, setDraft] = useState({});
  const [reviewing, setReviewing] = useState(false);
  const [effect, setEffect] = useState(null);
  const control = useControl(business, again);
  const inForce = flat(settings);
  const now = {...inForce, ...draft};
  const changes = changed(inForce, draft);
  const put = (name) => (value) => {
    setEffect(null);
    setDraft((before) => ({...before, [name]: value}));
  };
  useKept(changes.length > 0);
  const saved = (result, applied) => {
    setDraft({});
    setReviewing(false);
    setEffect({result, applied});
  };
  const part = {now, put, settings, mayChange};
  return html`<div class="switches">
    ${effect ? html`<${Effect} business=${business} settings=${settings} ...${effect} />` : null}
    <${Main} ...${part} />
    <${Triggers} ...${part} />
    <div class="switches-pair"><${Completion} ...${part} /><${Quiet} ...${part} /></div>
    <div class="switches-pair"><${Ending} ...${part} /><${Locale} ...${part} /></div>
    <${Before} business=${business} settings=${settings} control=${control} mayChange=${mayChange} unsaved=${changes.length > 0} />
    ${changes.length ? html`<div class="save-bar" role="region" aria-label=${t("unsaved", {n: changes.length})}>
      <strong>${t("unsaved", {n: changes.length})}</strong>
      <div class="row"><${Button} onClick=${() => setDraft({})}>${t("discard")}<//><${Button} kind="primary" disabled=${!daysFit(now.inactive_after_days)} onClick=${() => setReviewing(true)}>${t("review")}<//></div>
    </div>` : null}
    ${reviewing ? html`<${Review} business=${business} settings=${settings} changes=${changes} now=${now} control=${control} onSaved=${saved} onClose=${() => setReviewing(false)} />` : null}
  </div>`;
}

// The browser asks before a page with changes that are not saved is closed.
function useKept(unsaved) {
  useEffect(() => {
    if (!unsaved) return undefined;
    const ask = (event) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [unsaved]);
}

export function Effect({business, settings, result, applied}) {
  const moved = result.totals?.changed ?? 0;
  const {code} = withRole(settings, "converted");
  const link = moved ? html`<${Link} class="button button-small" href=${to(business, "clients", [], {preset: `status:${code}`})}>${t("showStatus")}<//>` : null;
  return html`<div role="status"><${Callout} kind="good" title=${t("saved")} action=${link}>${applied ? t("moved", {n: moved, status: statusOf(settings, "converted")}) : t("fromNow")}<//></div>`;
}

const Main = ({now, put, settings, mayChange}) => html`<${Section} class=${classes("main-switch", now.enabled && "main-switch-on")} title=${now.enabled ? t("isOn") : t("isOff")}>
  <${Switch} label=${t("enabled")} hint=${now.enabled ? t("onHint") : t("offHint")} checked=${now.enabled} disabled=${!mayChange} onValue=${put("enabled")} />
  <p class="sentence">${chipOf(settings, "initial")} <span aria-hidden="true">→</span><span class="visually-hidden">${t("becomes")}</span> ${chipOf(settings, "converted")}</p>
<//>`;

const Triggers = ({now, put, mayChange}) => html`<${Section} title=${t("triggers")} hint=${t("triggersHint")}>
  <ul class="lines">${TRIGGERS.map((trigger) => {
    const last = onlyTrigger(now, trigger);
    return html`<li key=${trigger}><${Switch} label=${t(trigger)} hint=${last ? `${t(`${trigger}Hint`)} ${t("lastTrigger")}` : t(`${trigger}Hint`)} checked=${now[`triggers.${trigger}`]} disabled=${!mayChange || last} onValue=${put(`triggers.${trigger}`)} /></li>`;
  })}</ul>
<//>`;

const Completion = ({now, put, mayChange}) => html`<${Section} title=${t("completion")} hint=${t("completionHint")}>
  <fieldset class="options" disabled=${!mayChange}><legend class="visually-hidden">${t("completion")}</legend>
    ${["elapsed", "explicit"].map((mode) => html`<label key=${mode} class="option"><input type="radio" name="completion" value=${mode} checked=${now.completion === mode} onChange=${() => put("completion")(mode)} />
      <span><strong>${t(mode)}</strong><span class="hint">${t(`${mode}Hint`)}</span></span></label>`)}
  </fieldset>
<//>`;

function Quiet({now, put, settings, mayChange}) {
  const on = now.inactive_after_days !== null;
  const days = now.inactive_after_days;
  return html`<${Section} title=${t("quiet")} hint=${t("quietHint")}>
    <p class="sentence">${chipOf(settings, "converted")} <span aria-hidden="true">→</span><span class="visually-hidden">${t("becomes")}</span> ${chipOf(settings, "dormant")}</p>
    <${Switch} label=${t("quietOn")} checked=${on} disabled=${!mayChange} onValue=${(value) => put("inactive_after_days")(value ? settings.automation.inactive_after_days ?? QUIET_AFTER : null)} />
    ${on ? html`<${Field} label=${t("days")} error=${daysFit(days) ? null : t("daysWrong")}>
      ${(props) => html`<input class="input days" type="number" inputmode="numeric" min="1" max="3650" value=${days} readonly=${!mayChange} onInput=${(e) => put("inactive_after_days")(e.target.value === "" ? NaN : Number(e.target.value))} ...${props} />`}
    <//>` : null}
  <//>`;
}

const Ending = ({now, put, mayChange}) => html`<${Section} title=${t("ending")}>
  <${Switch} label=${t("require_end_reason")} hint=${t("require_end_reasonHint")} checked=${now.require_end_reason} disabled=${!mayChange} onValue=${put("require_end_reason")} />
<//>`;

function Locale({now, put, mayChange}) {
  const offered = [...new Set([now.locale, ...LOCALES])].map((locale) => [locale, languageName(locale)]);
  return html`<${Section} title=${t("locale")}><${Select} label=${t("localeLabel")} hint=${t("localeHint")} value=${now.locale} options=${offered} disabled=${!mayChange} onValue=${put("locale")} /><//>`;
}
