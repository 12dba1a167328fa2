// Which clients are chosen: their rows by id, so that they can be named when they are no longer on show.

import {useEffect, useMemo, useState} from "../../vendor/preact.js";

export const MOST_SELECTED = 10_000;

// What had the focus may go with the selection; then it is at the beginning of the page, not lost.
export const keepFocus = () => setTimeout(() => {
  if (document.activeElement === document.body) document.querySelector(".page-head h1")?.focus();
});

// Emptied whenever `key`, what is asked, becomes another.
export function useSelection(key) {
  const [rows, set] = useState(new Map());
  useEffect(() => set(new Map()), [key]);
  return useMemo(() => ({
    rows,
    size: rows.size,
    has: (id) => rows.has(id),
    ids: () => [...rows.keys()],
    clear: () => set(new Map()),
    take: (items) => set(new Map(items.map((row) => [row.client_id, row]))),
    toggle: (row) => set((before) => {
      const after = new Map(before);
      if (!after.delete(row.client_id)) after.set(row.client_id, row);
      return after;
    }),
    toggleAll: (items, on) => set((before) => {
      const after = new Map(before);
      for (const row of items) {
        if (on) after.set(row.client_id, row);
        else after.delete(row.client_id);
      }
      return after;
    }),
  }), [rows]);
}
