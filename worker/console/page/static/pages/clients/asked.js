// What is asked stands in the address: q, preset, filter (as JSON), saved (the filter that was opened), sort, ended.

import {go, to} from "../../lib/route.js";

export const SORTS = ["name", "created_at", "last_activity_at"];

// The address -> {q, preset, filter, saved, sort, ended, broken}; `broken`: the filter in it is no JSON.
export function askedOf(query) {
  const {filter, broken} = filterIn(query.filter);
  return {
    q: query.q ?? "",
    preset: query.preset || "all",
    filter,
    broken,
    saved: query.saved || null,
    sort: SORTS.includes(query.sort) ? query.sort : "name",
    ended: query.ended === "include",
  };
}

function filterIn(text) {
  if (!text) return {filter: null, broken: false};
  try {
    return {filter: JSON.parse(text), broken: false};
  } catch {
    return {filter: null, broken: true};
  }
}

export function addressOf(business, asked) {
  return to(business, "clients", [], {
    q: asked.q,
    preset: asked.preset === "all" ? "" : asked.preset,
    filter: asked.filter ? JSON.stringify(asked.filter) : "",
    saved: asked.saved,
    sort: asked.sort === "name" ? "" : asked.sort,
    ended: asked.ended ? "include" : "",
  });
}

export const ask = (business, asked, options) => go(addressOf(business, asked), options);

// The parameters of a search.
export const paramsOf = (asked) => ({
  q: asked.q.trim(),
  preset: asked.preset,
  filter: asked.filter ? JSON.stringify(asked.filter) : "",
  ended: asked.ended ? "include" : "",
  sort: asked.sort,
});

export const isNarrowed = (asked) => Boolean(asked.q.trim() || asked.preset !== "all" || asked.filter);

// A preset as a filter, where the language has one; null where it has none.
export function presetAsFilter(preset, now = new Date()) {
  const [name, ...rest] = preset.split(":");
  const value = rest.join(":");
  if (name === "status") return {field: "status", op: "in", value: [value]};
  if (name === "status_group") return {field: "status_group", op: "has_any", value: [value]};
  if (name === "tag") return {field: "tags", op: "has_any", value: [value]};
  if (preset === "new_this_month") return {field: "created_at", op: "gte", value: `${now.toISOString().slice(0, 7)}-01`};
  return null;
}

// Everything that narrows the list and can be kept, as one filter.
export function filterToKeep(asked) {
  const parts = [presetAsFilter(asked.preset), asked.filter].filter(Boolean);
  return parts.length < 2 ? (parts[0] ?? null) : {all: parts.flatMap((part) => part.all ?? [part])};
}
