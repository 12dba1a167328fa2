// What somebody has entered is sent once at a time: said to be saved when the card shows it, and else what is wrong.

import {useState} from "../../vendor/preact.js";
import {notify} from "../../lib/parts.js";
import {t} from "./words.js";

// Until the card shows it.
export const WAIT_SECONDS = 8;

// `send` answers with what the API does; `done` is told of that. Nothing is sent while something is.
export function useSaving(send, done) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      const answer = await send();
      notify(answer.shown ? t("saved") : t("savedSoon"));
      done(answer);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return {busy, error, setError, save};
}
