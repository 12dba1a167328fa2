// The tags that clients have, and how many have each: renamed or deleted for all of them at once (D7).

import {useState} from "../../vendor/preact.js";
import {get} from "../../lib/api.js";
import {useControl} from "../../lib/control.js";
import {useAsked} from "../../lib/live.js";
import {Button, Callout, Confirm, Empty, Failed, Progress, Section, Skeleton, Tag, Text, html, notify} from "../../lib/parts.js";
import {Link, to} from "../../lib/route.js";
import {Actions} from "./actions.js";
import {FormDialog} from "./forms.js";
import {t} from "./tags.words.js";
import {t as common} from "./words.js";

const AT_ONCE = 50;
const LONGEST = 64;

// As the worker compares them (D1).
const folded = (tag) => tag.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();

export default function Tags({business, settings, mayChange}) {
  const counts = useAsked((signal) => get(business, "/counts", {}, signal), [business, settings]);
  const control = useControl(business, counts.again);
  const [open, setOpen] = useState(null);
  const [part, setPart] = useState("");
  const [most, setMost] = useState(AT_ONCE);
  const close = () => setOpen(null);
  const body = () => {
    if (counts.error && !counts.data) return html`<${Failed} error=${counts.error} again=${counts.again} />`;
    if (!counts.data) return html`<${Skeleton} lines=${6} />`;
    const all = [...counts.data.tags].sort((a, b) => b.clients - a.clients || a.tag.localeCompare(b.tag));
    if (!all.length) return html`<${Empty} icon="tag" title=${t("none")}>${t("noneHint")}<//>`;
    const found = all.filter(({tag}) => folded(tag).includes(folded(part)));
    return html`${all.length > AT_ONCE / 5 ? html`<div class="find-tag"><${Text} label=${t("find")} type="search" value=${part} onValue=${setPart} /></div>` : null}
      ${found.length ? null : html`<p class="hint">${t("nothing")}</p>`}
      <ul class="lines-plain">${found.slice(0, most).map((one) => html`<li key=${one.tag} class="line">
        <div class="line-what"><${Tag}>${one.tag}<//></div>
        <${Link} class="line-count" href=${to(business, "clients", [], {preset: `tag:${one.tag}`, ended: "include"})}>${common("clients", {n: one.clients})}<//>
        ${mayChange ? html`<${Actions} what=${one.tag} onEdit=${() => setOpen({rename: one})} onRemove=${() => setOpen({remove: one})} />` : null}
      </li>`)}</ul>
      ${found.length > most ? html`<div class="below"><${Button} icon="down" onClick=${() => setMost(most + AT_ONCE)}>${t("more", {n: found.length - most})}<//></div>` : null}
      ${open?.rename ? html`<${Rename} tag=${open.rename} all=${all} control=${control} onClose=${close} />` : null}
      ${open?.remove ? html`<${Remove} tag=${open.remove} control=${control} onClose=${close} />` : null}`;
  };
  return html`<${Section} class="catalogue" title=${t("title")} hint=${t("hint")}>${body()}<//>`;
}

function Rename({tag: {tag, clients}, all, control, onClose}) {
  const [name, setName] = useState(tag);
  const other = all.find((one) => folded(one.tag) === folded(name) && one.tag !== tag);
  const submit = async () => {
    if (name.trim() === tag) return;
    await control.send("tag.rename", {from: tag, to: name});
    notify(t("renamed", {from: tag, to: name.trim()}));
  };
  return html`<${FormDialog} title=${t("renameTitle", {tag})} say=${other ? t("join") : t("rename")} control=${control} submit=${submit} onClose=${onClose}>
    <p>${t("forAll", {n: clients})}</p>
    <${Text} label=${t("name")} value=${name} onValue=${setName} required maxlength=${LONGEST} autofocus />
    ${other ? html`<${Callout} kind="warn">${t("becomeOne", {tag: other.tag, n: other.clients})}<//>` : null}
    <p class="hint">${t("renameHint")}</p>
  <//>`;
}

function Remove({tag: {tag, clients}, control, onClose}) {
  const act = async () => {
    await control.send("tag.delete", {tag});
    notify(common("removed", {what: tag}));
  };
  return html`<${Confirm} title=${t("removeTitle", {tag})} kind="danger" say=${common("remove")} onClose=${() => control.busy || onClose()} act=${act}>
    <p>${t("losing", {n: clients})}</p>
    ${control.progress ? html`<${Progress} ...${control.progress} label=${common("moving")} />` : null}
  <//>`;
}
