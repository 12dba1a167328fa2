// How wide the screen is.

import {useEffect, useState} from "../vendor/preact.js";

const narrow = window.matchMedia("(max-width: 760px)");

// Is it a phone, or a window like one? The same limit as in the styles.
export function useNarrow() {
  const [is, set] = useState(narrow.matches);
  useEffect(() => {
    const changed = () => set(narrow.matches);
    narrow.addEventListener("change", changed);
    return () => narrow.removeEventListener("change", changed);
  }, []);
  return is;
}
