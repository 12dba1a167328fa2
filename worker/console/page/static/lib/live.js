// What is shared by the parts of a page: the settings of the business, and changes as they come.

import {useCallback, useEffect, useRef, useState} from "../vendor/preact.js";
import {base, get, me} from "./api.js";

const TYPES = ["client.status.changed", "client.status.review_suggested", "client.tags.changed", "reset"];

// Asks again whenever one of `on` changes; the answer before is shown until the next is there.
// -> {data, error, loading, again}
export function useAsked(ask, on) {
  const [state, set] = useState({data: null, error: null, loading: true});
  const running = useRef(null);
  const again = useCallback(async () => {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    set((before) => ({...before, loading: true}));
    try {
      const data = await ask(mine.signal);
      if (!mine.signal.aborted) set({data, error: null, loading: false});
    } catch (error) {
      if (!mine.signal.aborted) set((before) => ({...before, error, loading: false}));
    }
  }, on);
  useEffect(() => {
    again();
    return () => running.current?.abort();
  }, [again]);
  return {...state, again};
}

export const useSettings = (business) => useAsked((signal) => get(business, "/settings", {}, signal), [business]);

// One stream for the whole page, only while somebody looks at it.
const AGAIN_MS = 5_000;
let stream = null;
let streamOf = null;
let retry = null;
const listeners = new Set();
const tell = (event) => {
  for (const listener of listeners) listener(event);
};

const states = new Set();
// true, false, or null: nobody listens
function tellState(connected) {
  for (const listener of states) listener(connected);
}

// `gap`: changes may have come that nobody heard.
function open(business, gap = false) {
  close();
  streamOf = business;
  if (document.hidden || !listeners.size) return;
  stream = new EventSource(`${base(business)}/changes`);
  for (const type of TYPES) {
    stream.addEventListener(type, (event) => tell(type === "reset" ? {type} : JSON.parse(event.data)));
  }
  stream.addEventListener("open", () => {
    tellState(true);
    if (gap) tell({type: "reset"});
  });
  stream.addEventListener("error", () => {
    tellState(false);
    if (stream?.readyState === EventSource.CLOSED) openLater(business);
  });
}

// A browser gives up on an answer that is no stream, such as that of a console without Redis. Whether the session has
// ended is asked first: then somebody has to sign in, and nothing is tried any more.
function openLater(business) {
  clearTimeout(retry);
  retry = setTimeout(async () => {
    const problem = await me().then(() => null, (error) => error);
    if (streamOf !== business || document.hidden || !listeners.size || problem?.status === 401) return;
    if (problem) openLater(business);
    else open(business, true);
  }, AGAIN_MS);
}

function close() {
  clearTimeout(retry);
  stream?.close();
  stream = null;
}

document.addEventListener("visibilitychange", () => {
  if (!streamOf) return;
  if (document.hidden) {
    close();
    tellState(null);
  } else {
    open(streamOf);
    tell({type: "reset"}); // what came meanwhile was not heard
  }
});

// listen({type, time, subject, data, …}) for every change; {type: "reset"} means: read again what you show.
// -> is the stream connected?
export function useChanges(business, listen) {
  const latest = useRef(listen);
  latest.current = listen;
  const [connected, set] = useState(false);
  useEffect(() => {
    const listener = (event) => latest.current(event);
    listeners.add(listener);
    states.add(set);
    if (streamOf !== business || !stream) open(business);
    return () => {
      listeners.delete(listener);
      states.delete(set);
      if (listeners.size) return;
      close();
      tellState(null);
    };
  }, [business]);
  return connected;
}

// Has what is shown not been kept up to date for a while, because the server does not answer?
export function useOutOfTouch() {
  const [out, set] = useState(false);
  useEffect(() => {
    let timer = null;
    const listener = (connected) => {
      if (connected === false) {
        timer ??= setTimeout(() => set(true), AGAIN_MS);
        return;
      }
      clearTimeout(timer);
      timer = null;
      set(false);
    };
    states.add(listener);
    return () => {
      clearTimeout(timer);
      states.delete(listener);
    };
  }, []);
  return out;
}

// Calls at most once in `ms`, and once more at the end if it was asked for meanwhile; the first time after `soon`.
export function useThrottled(call, ms, soon = ms) {
  const latest = useRef(call);
  latest.current = call;
  const timer = useRef(null);
  const last = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    if (timer.current) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      last.current = Date.now();
      latest.current();
    }, Math.max(soon, last.current + ms - Date.now()));
  }, [ms, soon]);
}

// A value once it has been the same for `ms`: what somebody is typing.
export function useSettled(value, ms = 200) {
  const [settled, set] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => set(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
