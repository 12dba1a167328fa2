// The way to the console's API. Every refusal is thrown as a Problem, with the code and what the console says.

const ROOT = "/api/v1";
const WAIT_SECONDS = 2;
const POLL_MS = 700;
const QUIET_MS = 6_000;
const PATIENCE_MS = 40_000;
const AWAY = new Set([0, 429, 502, 503, 504]);
const signedOut = new Set();

export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || `HTTP ${status}`);
    this.status = status;
    this.code = body?.code ?? "unavailable";
  }
}

// The server, or what it needs, is away for the moment.
export const isAway = (error) => AWAY.has(error.status);

export function onSignedOut(listener) {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

async function ask(method, path, {body, params, signal, headers, file = false, stream = false} = {}) {
  const query = new URLSearchParams(Object.entries(params ?? {}).filter(([, v]) => v !== undefined && v !== null && v !== ""));
  const address = query.size ? `${path}?${query}` : path;
  let answer;
  try {
    answer = await fetch(address, {
      method,
      signal,
      credentials: "same-origin",
      headers: {...(body === undefined ? {} : {"content-type": "application/json"}), ...headers},
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, {code: "unavailable", detail: "The console cannot be reached."});
  }
  if (answer.ok && file) return answer.blob();
  if (answer.ok && stream) return answer.body;
  const json = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
  if (!answer.ok) {
    if (answer.status === 401 && path !== "/session") for (const listener of signedOut) listener();
    throw new Problem(answer.status, json);
  }
  return {status: answer.status, json};
}

export const me = async () => (await ask("GET", `${ROOT}/me`)).json;
export const signIn = (token) => ask("POST", "/session", {body: {token}});
export const signOut = () => ask("DELETE", "/session");

export const id = encodeURIComponent;
export const base = (business) => `${ROOT}/businesses/${id(business)}`;

// What is below a business: get("salon", "/clients", {q: "anna"}).
export const get = async (business, path, params, signal) => (await ask("GET", base(business) + path, {params, signal})).json;
export const download = (business, path, body) => ask("POST", base(business) + path, {body, file: true});
export const post = async (business, path, body, params) => (await ask("POST", base(business) + path, {body, params})).json;
export const patch = async (business, path, body, params) => (await ask("PATCH", base(business) + path, {body, params})).json;

// An answer of lines of JSON, each told as it comes. -> the last one, which has the report; throws Problem when it has none.
export async function postLines(business, path, body, told) {
  const stream = await ask("POST", base(business) + path, {body, stream: true});
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let [last, text] = [{}, ""];
  for (;;) {
    const {value, done} = await reader.read();
    const lines = (text + (value ?? "")).split("\n");
    text = lines.pop();
    for (const line of lines) {
      last = JSON.parse(line);
      told(last);
    }
    if (done) break;
  }
  if (!last.report) throw new Problem(503, last.error ?? {code: "unavailable"});
  return last;
}

// Commands of which nothing has been heard for a while, for those who tell people so.
let silent = 0;
const waiting = new Set();

export function onWaiting(listener) {
  waiting.add(listener);
  return () => waiting.delete(listener);
}

// -> how to say that it is over.
function waitingSoon() {
  let told = 0;
  const tell = (more) => {
    told += more;
    silent += more;
    for (const listener of waiting) listener(silent > 0);
  };
  const timer = setTimeout(() => tell(1), QUIET_MS);
  return () => {
    clearTimeout(timer);
    if (told) tell(-1);
  };
}

// Sends a command or control message and waits for what becomes of it, as long as there are signs of life.
// -> {type: "command.applied" | "command.partly_applied" | "command.rejected", applied, unchanged, errors, …}
// progress({done, total}) is called while work over all clients goes on. Throws Problem when it could not be sent, and
// one of the code `unanswered` when nothing is heard of it; it goes on all the same.
export async function command(business, type, data, {progress, signal} = {}) {
  const sent = await ask("POST", `${base(business)}/commands`, {body: {type, data, wait: WAIT_SECONDS}, signal});
  if (sent.status === 200) return sent.json;
  let heard = {at: Date.now(), done: null};
  let over = waitingSoon();
  try {
    for (;;) {
      const {status, json} = await look(`${base(business)}/commands/${id(sent.json.command_id)}`, signal);
      if (status === 200) return json;
      if (json.total !== undefined && json.done !== heard.done) {
        over();
        over = waitingSoon();
        heard = {at: Date.now(), done: json.done};
        progress?.({done: json.done, total: json.total});
      }
      if (Date.now() - heard.at > PATIENCE_MS) throw new Problem(504, {code: "unanswered", detail: "The worker has not answered yet."});
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    over();
  }
}

// What is known of a command; a server that is away for a moment is no answer.
async function look(path, signal) {
  try {
    return await ask("GET", path, {signal});
  } catch (problem) {
    if (!isAway(problem)) throw problem;
    return {status: 202, json: {}};
  }
}

export const rejected = (result) => result.type === "command.rejected";
