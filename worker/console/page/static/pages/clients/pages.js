// The list as it is shown: page after page by cursor, read again when something changes without moving under the reader.

import {useCallback, useEffect, useRef, useState} from "../../vendor/preact.js";
import {get} from "../../lib/api.js";

const PAGE = 50;
const MOST_AT_ONCE = 200;
const NOTHING = {items: null, next: null, total: 0, endedHidden: 0};
let kept = null; // of the list that was left last, for those who come back to it

// The first `count` clients that are found.
async function read(business, params, count, signal) {
  let found = {items: [], next: null};
  do {
    const limit = Math.min(MOST_AT_ONCE, count - found.items.length);
    const page = await get(business, "/clients", {...params, limit, cursor: found.next}, signal);
    found = {items: [...found.items, ...page.items], next: page.next_cursor, total: page.total, endedHidden: page.ended_hidden};
  } while (found.next && found.items.length < count);
  return found;
}

const idsOf = (items) => items.map(({client_id: id}) => id).join(" ");

// -> {items, next, total, endedHidden, loading, more, error, moved, again, loadMore}
// `again()` reads all that is shown once more. `freshen()` does so, too, but if clients would come, go or change places,
// only those on show are brought up to date, and `moved` becomes true.
export function usePages(business, params) {
  const key = JSON.stringify([business, params]);
  const [list, set] = useState(() => ({...(kept?.key === key ? kept.list : NOTHING), key}));
  const [state, setState] = useState({loading: true, more: false, moved: false, error: null});
  const latest = useRef(list);
  latest.current = list;
  const running = useRef(null);
  const put = useCallback((found) => {
    kept = {key, list: found};
    latest.current = {...found, key};
    set(latest.current);
  }, [key]);

  const run = useCallback(async (count, take) => {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    setState((before) => ({...before, loading: true, more: false}));
    try {
      const found = await read(business, params, count, mine.signal);
      if (mine.signal.aborted) return;
      const moved = take(found) === true;
      setState({loading: false, more: false, moved, error: null});
    } catch (error) {
      if (!mine.signal.aborted) setState((before) => ({...before, loading: false, error}));
    }
  }, [key]);

  const loaded = () => Math.ceil(Math.max(1, latest.current.key === key ? (latest.current.items?.length ?? 0) : 0) / PAGE) * PAGE;
  const again = useCallback(() => run(loaded(), put), [run, put]);
  const freshen = useCallback(() => run(loaded(), (found) => {
    const now = latest.current.items ?? [];
    if (!latest.current.items || idsOf(found.items) === idsOf(now)) {
      put(found);
      return false;
    }
    const fresh = new Map(found.items.map((row) => [row.client_id, row]));
    put({...latest.current, items: now.map((row) => fresh.get(row.client_id) ?? row)});
    return true;
  }), [run, put]);

  const loadMore = useCallback(async () => {
    setState((before) => ({...before, more: true}));
    try {
      const page = await get(business, "/clients", {...params, limit: PAGE, cursor: latest.current.next});
      if (latest.current.key !== key) return;
      const there = new Set(latest.current.items.map(({client_id: id}) => id));
      const items = [...latest.current.items, ...page.items.filter(({client_id: id}) => !there.has(id))];
      put({items, next: page.next_cursor, total: page.total, endedHidden: page.ended_hidden});
      setState((before) => ({...before, more: false, error: null}));
    } catch (error) {
      setState((before) => ({...before, more: false, error}));
    }
  }, [key, put]);

  useEffect(() => {
    again();
    return () => running.current?.abort();
  }, [again]);
  return {...list, ...state, again, freshen, loadMore, settled: list.key === key};
}

// All that is found, in pages; for those who want to select everybody. progress({done, total})
export async function everybody(business, params, most, progress, signal) {
  const items = [];
  let next = null;
  do {
    const page = await get(business, "/clients", {...params, limit: MOST_AT_ONCE, cursor: next}, signal);
    items.push(...page.items);
    next = page.next_cursor;
    progress({done: items.length, total: Math.min(most, page.total)});
  } while (next && items.length < most);
  return items.slice(0, most);
}
