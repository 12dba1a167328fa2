// Tag rules: on what, under which condition, which tags come and go.

import {useState} from "../../vendor/preact.js";
import {get} from "../../lib/api.js";
import {useControl} from "../../lib/control.js";
import {useAsked} from "../../lib/live.js";
import {Button, Confirm, Empty, Section, Select, Tag, html, notify} from "../../lib/parts.js";
import {Tokens} from "../../lib/tokens.js";
import {Actions} from "./actions.js";
import {EVENTS, t as event} from "./events.words.js";
import {FormDialog, slug, useCode} from "./forms.js";
import {t} from "./lists.words.js";
import {Where, inWords, linesOf, whereOf} from "./where.js";
import {t as common} from "./words.js";

const TYPES = EVENTS.map(([type]) => type);
const eventName = (type) => (TYPES.includes(type) ? event(type) : type);

export default function TagRules({business, settings, again, mayChange}) {
  const control = useControl(business, again);
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  const add = mayChange ? html`<${Button} kind="primary" icon="plus" onClick=${() => setOpen({form: true})}>${t("addRule")}<//>` : null;
  const remove = async () => {
    await control.send("tag_rule.remove", {rule_id: open.rule.rule_id});
    notify(common("removed", {what: open.rule.rule_id}));
  };
  return html`<${Section} class="catalogue" title=${t("rules")} hint=${t("rulesHint")} actions=${add}>
    ${settings.tag_rules.length ? html`<ul class="lines-plain">${settings.tag_rules.map((rule) => html`<li key=${rule.rule_id} class="line line-wide">
      <div class="rule"><p><strong>${eventName(rule.on)}</strong> <code class="hint">${rule.rule_id}</code></p>
        <p class="hint">${rule.where ? html`${t("where")}: <span class="mono">${inWords(rule.where)}</span>` : t("always")}</p>
        <${Tags} says=${t("adds")} tags=${rule.add} /><${Tags} says=${t("takes")} tags=${rule.remove} /></div>
      ${mayChange ? html`<${Actions} what=${rule.rule_id} onEdit=${() => setOpen({form: true, rule})} onRemove=${() => setOpen({rule})} />` : null}
    </li>`)}</ul>` : html`<${Empty} icon="tag" title=${t("noRules")}>${t("noRulesHint")}<//>`}
    ${open?.form ? html`<${RuleForm} business=${business} rule=${open.rule} settings=${settings} control=${control} onClose=${close} />` : null}
    ${open && !open.form ? html`<${Confirm} title=${t("remove", {what: open.rule.rule_id})} kind="danger" say=${common("remove")} onClose=${close} act=${remove}><p>${t("removeRule")}</p><//>` : null}
  <//>`;
}

const Tags = ({says, tags}) => (tags?.length ? html`<p class="chips"><span class="hint">${says}</span>${tags.map((tag) => html`<${Tag} key=${tag}>${tag}<//>`)}</p>` : null);

function RuleForm({business, rule, settings, control, onClose}) {
  const counts = useAsked((signal) => get(business, "/counts", {}, signal), [business]);
  const tags = (counts.data?.tags ?? []).map(({tag}) => tag);
  const [on, setOn] = useState(rule?.on ?? TYPES[0]);
  const [lines, setLines] = useState(linesOf(rule?.where));
  const [json, setJson] = useState(JSON.stringify(rule?.where ?? null, null, 2));
  const [add, setAdd] = useState(rule?.add ?? []);
  const [take, setTake] = useState(rule?.remove ?? []);
  const {code, field, wrong} = useCode([on.split(".").at(-1), slug(add[0] ?? take[0] ?? "")].filter(Boolean).join("-"), settings.tag_rules.map((one) => one.rule_id));
  const known = EVENTS.find(([type]) => type === on)?.[1] ?? [];
  const submit = async () => {
    if (!rule && wrong) throw new Error(wrong);
    if (!add.length && !take.length) throw new Error(t("tagsNeeded"));
    const where = lines === null ? parsed(json) : whereOf(lines);
    const what = rule?.rule_id ?? code;
    await control.send("tag_rule.define", {rule_id: what, on, where, add, remove: take});
    notify(common(rule ? "changed" : "added", {what}));
  };
  const asJson = (text) => {
    setJson(text);
    setLines(null);
  };
  const types = TYPES.includes(on) ? TYPES : [on, ...TYPES];
  return html`<${FormDialog} wide title=${rule ? t("edit", {what: rule.rule_id}) : t("addRule")} say=${rule ? null : common("add")} control=${control} submit=${submit} onClose=${onClose}>
    <${Select} label=${t("on")} value=${on} onValue=${setOn} options=${types.map((type) => [type, eventName(type)])} />
    <${Where} lines=${lines} json=${json} known=${known} onLines=${setLines} onJson=${asJson} />
    <${Tokens} label=${t("add")} hint=${t("tagsHint")} values=${add} onValues=${setAdd} suggestions=${tags} />
    <${Tokens} label=${t("take")} hint=${t("tagsHint")} values=${take} onValues=${setTake} suggestions=${tags} />
    ${rule ? null : field}
  <//>`;
}

function parsed(text) {
  try {
    return JSON.parse(text || "null");
  } catch (problem) {
    throw new Error(t("notJson", {why: problem.message}));
  }
}
