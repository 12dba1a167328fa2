// How wide the screen is.

import {useEffect, useMemo, useState} from "../vendor/preact.js";

const PHONE = 760;

// Is it a phone, or a window like one? Or at most as wide as is said. The same limits as in the styles.
export function useNarrow(width = PHONE) {
  const query = useMemo(() => window.matchMedia(`(max-width: ${width}px)`), [width]);
  const [is, set] = useState(query.matches);
  useEffect(() => {
    const changed = () => set(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, [query]);
  return is;
}
