// Several short texts in one field: tags, codes. Enter or a comma ends one, Backspace takes the last one away.

import {html, useRef, useState} from "../vendor/preact.js";
import {Field, Tag} from "./parts.js";

const MOST_OFFERED = 200;

// `onTyping`: is there something that is not taken yet? It is as soon as one leaves the field.
// `hideLabel`: the label is for screen readers only, since what stands around the field says it.
export function Tokens({label, hint, error, required, values, onValues, suggestions = [], placeholder, hideLabel = false, onTyping}) {
  const [text, put] = useState("");
  const input = useRef(null);
  const setText = (typed) => {
    put(typed);
    onTyping?.(Boolean(typed.trim()));
  };
  const take = (typed) => {
    const fresh = typed.split(",").map((one) => one.trim().replace(/\s+/g, " ")).filter(Boolean);
    const all = [...values];
    for (const one of fresh) if (!all.some((there) => there.toLowerCase() === one.toLowerCase())) all.push(one);
    if (all.length !== values.length) onValues(all);
    setText("");
  };
  const keys = (event) => {
    if (event.key === "Enter" && text.trim()) {
      event.preventDefault();
      take(text);
    } else if (event.key === "Backspace" && !text && values.length) onValues(values.slice(0, -1));
  };
  const typed = ({target: {value}, inputType}) => {
    const picked = suggestions.includes(value) && (!inputType || inputType === "insertReplacementText");
    if (value.includes(",") || picked) take(value);
    else setText(value);
  };
  const remove = (value) => {
    onValues(values.filter((one) => one !== value));
    input.current.focus();
  };
  const typedSoFar = text.trim().toLowerCase();
  const offered = suggestions.filter((one) => !values.includes(one) && one.toLowerCase().includes(typedSoFar)).slice(0, MOST_OFFERED);
  return html`<div class=${hideLabel ? "tokens-bare" : undefined}><${Field} label=${label} hint=${hint} error=${error} required=${required}>
    ${(props) => html`<div class="input tokens" onClick=${(event) => event.target === event.currentTarget && input.current.focus()}>
      ${values.map((value) => html`<${Tag} key=${value} onRemove=${() => remove(value)}>${value}<//>`)}
      <input ref=${input} type="text" ...${props} required=${undefined} aria-required=${required ? "true" : undefined} list="${props.id}-known" value=${text} autocomplete="off"
        placeholder=${values.length ? "" : placeholder} onInput=${typed} onKeyDown=${keys} onBlur=${() => text.trim() && take(text)} />
      <datalist id="${props.id}-known">${offered.map((one) => html`<option key=${one} value=${one} />`)}</datalist>
    </div>`}
  <//></div>`;
}
