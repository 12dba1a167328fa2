// Control messages: sent, waited for, and then the settings are read until they are as new as the answer.

import {useCallback, useEffect, useRef, useState} from "../vendor/preact.js";
import {command, get} from "./api.js";
import {accepted} from "./refusals.js";

const LOOKS = 10;
const LOOK_MS = 300;

// Settings and answers come on topics of their own, so what is read right after an answer may be older than it.
async function settled(business, revision) {
  for (let look = 0; look < LOOKS; look += 1) {
    const settings = await get(business, "/settings");
    if (settings.revision >= revision) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

// `again` reads what is shown once more. -> {send, busy, progress}
// send(type, data) -> the result; throws an Error in words when the message was refused.
export function useControl(business, again) {
  const [busy, setBusy] = useState(false);
  const [progress, setProgress] = useState(null);
  const here = useRef(true);
  useEffect(() => () => {
    here.current = false;
  }, []);
  const send = useCallback(async (type, data) => {
    const tell = (told) => here.current && setProgress(told);
    setBusy(true);
    try {
      const result = accepted(await command(business, type, data, {progress: tell}));
      if (result.revision !== undefined && !data.dry_run) await settled(business, result.revision);
      if (!data.dry_run && here.current) await again();
      return result;
    } finally {
      if (here.current) {
        setBusy(false);
        setProgress(null);
      }
    }
  }, [business, again]);
  return {send, busy, progress};
}
