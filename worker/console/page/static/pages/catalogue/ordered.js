// A list whose order people choose: by dragging, or by buttons. It is shown at once and saved behind that.

import {useEffect, useLayoutEffect, useRef, useState} from "../../vendor/preact.js";
import {Icon} from "../../lib/icons.js";
import {IconButton, classes, html, notify} from "../../lib/parts.js";
import {refusal} from "../../lib/refusals.js";
import {t} from "./words.js";

// Which orders change so that the things come in this row: their orders in a new distribution, or 1, 2, 3 where some are equal.
export function orders(row) {
  const had = row.map((thing) => thing.order).sort((a, b) => a - b);
  const distinct = new Set(had).size === had.length;
  return row.map((thing, at) => ({thing, order: distinct ? had[at] : at + 1})).filter(({thing, order}) => thing.order !== order);
}

export const moved = (codes, from, to) => {
  const row = [...codes];
  row.splice(to, 0, ...row.splice(from, 1));
  return row;
};

// items: [{code, order, …}] in order; name(item), children(item), put(item, order) saves one; again reads them anew.
export function Ordered({items, name, children, put, again, mayChange}) {
  const [wanted, setWanted] = useState(null);
  const [told, setTold] = useState("");
  const [dragged, setDragged] = useState(null);
  const focus = useRef(null);
  const list = useRef(null);
  const saving = useRef(false);
  const byCode = new Map(items.map((item) => [item.code, item]));
  const codes = wanted && wanted.length === items.length && wanted.every((code) => byCode.has(code)) ? wanted : items.map((item) => item.code);

  useEffect(() => {
    if (!wanted || dragged || saving.current) return;
    const save = async () => {
      saving.current = true;
      try {
        for (const {thing, order} of orders(codes.map((code) => byCode.get(code)))) await put(thing, order);
      } catch (problem) {
        notify(refusal(problem), "bad");
        setWanted(null);
      }
      saving.current = false;
      await again();
      setWanted((now) => (now === wanted ? null : now && [...now])); // moved on meanwhile: save again
    };
    save();
  }, [wanted, dragged]);

  useLayoutEffect(() => {
    if (!focus.current) return;
    const {code, step} = focus.current;
    focus.current = null;
    const row = [...list.current.children].find((one) => one.dataset.code === code);
    const buttons = {up: row.querySelector("[data-step=up]"), down: row.querySelector("[data-step=down]")};
    (buttons[step].disabled ? buttons[step === "up" ? "down" : "up"] : buttons[step]).focus();
  });

  const move = (from, to, step) => {
    if (to < 0 || to >= codes.length || from === to) return;
    const code = codes[from];
    if (step) focus.current = {code, step};
    setTold(t("place", {what: name(byCode.get(code)), n: to + 1, of: codes.length}));
    setWanted(moved(codes, from, to));
  };
  const over = (event, at) => {
    if (!dragged) return;
    event.preventDefault();
    move(codes.indexOf(dragged), at);
  };
  const drag = (code, at) => mayChange && {
    draggable: true,
    onDragStart: (event) => {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", code);
      setDragged(code);
    },
    onDragOver: (event) => over(event, at),
    onDrop: (event) => event.preventDefault(),
    onDragEnd: () => setDragged(null),
  };
  return html`<ol class="ordered" ref=${list}>${codes.map((code, at) => {
    const item = byCode.get(code);
    return html`<li key=${code} data-code=${code} class=${classes("ordered-item", dragged === code && "ordered-dragged")} ...${drag(code, at)}>
      ${mayChange ? html`<span class="ordered-grip" title=${t("drag")}><${Icon} name="drag" /></span>` : null}
      <div class="ordered-body">${children(item)}</div>
      ${mayChange ? html`<div class="ordered-steps">
        <${IconButton} icon="up" label=${t("earlier", {what: name(item)})} data-step="up" disabled=${at === 0} onClick=${() => move(at, at - 1, "up")} />
        <${IconButton} icon="down" label=${t("later", {what: name(item)})} data-step="down" disabled=${at === codes.length - 1} onClick=${() => move(at, at + 1, "down")} />
      </div>` : null}
    </li>`;
  })}</ol><p class="visually-hidden" role="status">${told}</p>`;
}
