// Addresses: /b/{business}/{page}/{rest…}?query. What is chosen on a page stands in its address, so it can be sent on.

import {html, useEffect, useState} from "../vendor/preact.js";

const listeners = new Set();

export function read(location = window.location) {
  const parts = location.pathname.split("/").filter(Boolean).map(decode);
  const query = Object.fromEntries(new URLSearchParams(location.search));
  if (parts[0] !== "b") return {business: null, page: null, rest: [], query};
  return {business: parts[1] ?? null, page: parts[2] ?? null, rest: parts.slice(3), query};
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function to(business, page, rest = [], query = {}) {
  const path = ["b", business, page, ...rest].filter((part) => part !== null && part !== undefined).map(encodeURIComponent).join("/");
  const asked = new URLSearchParams(Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== ""));
  return `/${path}${asked.size ? `?${asked}` : ""}`;
}

export function go(address, {replace = false} = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  for (const listener of listeners) listener();
}

window.addEventListener("popstate", () => {
  for (const listener of listeners) listener();
});

export function useRoute() {
  const [route, set] = useState(read);
  useEffect(() => {
    const changed = () => set(read());
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, []);
  return route;
}

// A link inside the page: <${Link} href=${to(…)}>…<//>
export function Link({href, children, ...rest}) {
  const follow = (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
    window.scrollTo(0, 0);
  };
  return html`<a href=${href} onClick=${follow} ...${rest}>${children}</a>`;
}
