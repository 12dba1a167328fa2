// Automation: the switch and what it does, its history, and the lists that a business keeps. Each has its own address.

import {useEffect, useRef, useState} from "../../vendor/preact.js";
import {useSettings} from "../../lib/live.js";
import {Callout, Empty, Failed, PageHead, Skeleton, Unreachable, classes, html, useInSight} from "../../lib/parts.js";
import {Link, to} from "../../lib/route.js";
import {t} from "./words.js";

const PARTS = {
  switch: () => import("./switch.js"),
  statuses: () => import("../catalogue/statuses.js"),
  groups: () => import("../catalogue/groups.js"),
  fields: () => import("../catalogue/fields.js"),
  classifications: () => import("../catalogue/classifications.js"),
  tags: () => import("../catalogue/tags.js"),
  "tag-rules": () => import("../catalogue/tag_rules.js"),
  audiences: () => import("../catalogue/audiences.js"),
  history: () => import("./history.js"),
};

const LOOK_MS = 10_000;

const rest = (name) => (name === "switch" ? [] : [name]);

function Within({business, name}) {
  const nav = useRef(null);
  useInSight(nav, ".within-here", [name]);
  return html`<nav class="within" aria-label=${t("within")} ref=${nav}><ul>
  ${Object.keys(PARTS).map((part) => html`<li key=${part}><${Link} href=${to(business, "automation", rest(part))} class=${classes("within-link", part === name && "within-here")} aria-current=${part === name ? "page" : undefined}>${t(part)}<//></li>`)}
</ul></nav>`;
}

export default function Automation({business, route, mayChange}) {
  const name = route.rest[0] ?? "switch";
  const settings = useSettings(business);
  const [loaded, setLoaded] = useState(null);
  const known = Object.hasOwn(PARTS, name);
  useEffect(() => {
    let here = true;
    if (known) PARTS[name]().then((module) => module.default, () => Unreachable).then((Part) => here && setLoaded({name, Part}));
    return () => {
      here = false;
    };
  }, [name]);
  useEffect(() => {
    const back = () => !document.hidden && settings.again(); // others may have changed something meanwhile
    const timer = setInterval(back, LOOK_MS);
    document.addEventListener("visibilitychange", back);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", back);
    };
  }, [settings.again]);
  const body = () => {
    if (!known) return html`<${Empty} icon="search" title=${t("nowhere")} />`;
    if (settings.error && !settings.data) return html`<${Failed} error=${settings.error} again=${settings.again} />`;
    if (!settings.data || loaded?.name !== name) return html`<${Skeleton} lines=${6} />`;
    return html`${settings.error ? html`<div class="looking"><${Failed} error=${settings.error} again=${settings.again} /></div>` : null}<${loaded.Part} key=${name} business=${business} route=${route} settings=${settings.data} again=${settings.again} mayChange=${mayChange} />`;
  };
  return html`<${PageHead} title=${t("title")} hint=${t("titleHint")} />
    <${Within} business=${business} name=${name} />
    ${mayChange ? null : html`<div class="looking"><${Callout}>${t("viewer")}<//></div>`}
    ${body()}`;
}
