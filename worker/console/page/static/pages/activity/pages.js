// Lists that are read a page at a time, newest first, by next_before.

import {useEffect, useRef, useState} from "../../vendor/preact.js";
import {get} from "../../lib/api.js";

const AT_ONCE = 50;

// -> {items, more, error, loading, older(), again()}
export function usePages(business, path) {
  const [state, set] = useState({items: null, before: null, error: null, loading: true});
  const turn = useRef(0);
  const read = async (before, kept) => {
    const mine = ++turn.current;
    const put = (told) => mine === turn.current && set(told); // not if it was asked for anew meanwhile
    set((now) => ({...now, loading: true, error: null}));
    try {
      const found = await get(business, path, {limit: AT_ONCE, before});
      put({items: [...kept, ...found.items], before: found.next_before, error: null, loading: false});
    } catch (error) {
      put((now) => ({...now, error, loading: false}));
    }
  };
  const again = () => read(undefined, []);
  useEffect(() => {
    again();
  }, [business, path]);
  return {...state, more: Boolean(state.before), older: () => read(state.before, state.items ?? []), again};
}
