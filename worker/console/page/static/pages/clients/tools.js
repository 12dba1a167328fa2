// Above the list: searching as one types, the filters, the order.

import {useEffect, useRef, useState} from "../../vendor/preact.js";
import {Icon} from "../../lib/icons.js";
import {useSettled} from "../../lib/live.js";
import {Button, html} from "../../lib/parts.js";
import {SORTS} from "./asked.js";
import {opened} from "./conditions.js";
import {t} from "./words.js";

const LONGEST = 200;

export function Tools({asked, put, setDialog}) {
  const count = opened(asked.filter).nodes.length;
  return html`<div class="tools">
    <${Search} asked=${asked} put=${put} />
    <div class="tools-side">
      <${Button} icon="filter" onClick=${() => setDialog({what: "filters", at: Infinity})}>${t("filters")}${count ? html`<span class="count">${count}</span>` : null}<//>
      <label class="sort"><span class="visually-hidden">${t("sort")}</span>
        <select class="input" value=${asked.sort} onChange=${(e) => put({sort: e.target.value})}>${SORTS.map((sort) => html`<option key=${sort} value=${sort} selected=${sort === asked.sort}>${t(`sort_${sort}`)}</option>`)}</select></label>
    </div>
  </div>`;
}

function Search({asked, put}) {
  const [text, setText] = useState(asked.q);
  const sent = useRef(asked.q);
  const input = useRef(null);
  const settled = useSettled(text);
  const send = (q) => {
    if (q === sent.current) return;
    sent.current = q;
    put({q}, {replace: true});
  };
  useEffect(() => send(settled), [settled]);
  useEffect(() => {
    if (asked.q === sent.current) return;
    sent.current = asked.q; // the address has changed in another way: back, or a link
    setText(asked.q);
  }, [asked.q]);
  const submit = (event) => {
    event.preventDefault();
    send(text);
  };
  const clear = () => {
    setText("");
    send("");
    input.current.focus();
  };
  return html`<form class="search" role="search" onSubmit=${submit}>
    <${Icon} name="search" /><input ref=${input} class="input" type="search" aria-label=${t("search")} placeholder=${t("searchHint")} value=${text} maxlength=${LONGEST} autocomplete="off" spellcheck=${false} enterkeyhint="search" onInput=${(e) => setText(e.target.value)} />
    ${text ? html`<button type="button" class="icon-button search-clear" aria-label=${t("clearSearch")} onClick=${clear}><${Icon} name="close" size=${16} /></button>` : null}
  </form>`;
}
