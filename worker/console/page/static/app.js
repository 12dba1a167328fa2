// The page as a whole: signing in, the frame around every part, and which part is shown.

import {html, render, useEffect, useErrorBoundary, useReducer, useState} from "./vendor/preact.js";
import * as api from "./lib/api.js";
import {LANGUAGES, language, onLanguage, setLanguage, words} from "./lib/i18n.js";
import {Icon} from "./lib/icons.js";
import {useOutOfTouch} from "./lib/live.js";
import {Button, Callout, Empty, IconButton, Notices, Skeleton, Text, Unreachable, classes, notify} from "./lib/parts.js";
import {refusal} from "./lib/refusals.js";
import {Link, go, to, useRoute} from "./lib/route.js";
import {setTheme, theme} from "./lib/theme.js";

const t = words({
  en: {
    clients: "Clients", automation: "Automation", activity: "Activity", main: "Main", skip: "Skip to the content", business: "Business", language: "Language", dark: "Dark", light: "Light", out: "Sign out",
    welcome: "Sign in", welcomeHint: "With the token that you were given.", token: "Token", signIn: "Sign in", unknown: "This token is not known, or not any more.", viewer: "May look", operator: "May change",
    none: "There is no business yet", noneHint: "It appears with its first client or setting.", broken: "This part of the page failed", brokenHint: "Load it again; if that does not help, tell those who run this console.", again: "Load again", lost: "The server does not answer. What you see may be old; it is tried again by itself.", ended: "You have been signed out. Sign in to go on where you were.", nowhere: "There is nothing here",
  },
  nl: {
    clients: "Klanten", automation: "Automatisering", activity: "Activiteit", main: "Hoofdmenu", skip: "Naar de inhoud", business: "Bedrijf", language: "Taal", dark: "Donker", light: "Licht", out: "Afmelden",
    welcome: "Aanmelden", welcomeHint: "Met het token dat u gekregen hebt.", token: "Token", signIn: "Aanmelden", unknown: "Dit token is niet (meer) bekend.", viewer: "Mag kijken", operator: "Mag wijzigen",
    none: "Er is nog geen bedrijf", noneHint: "Het verschijnt met zijn eerste klant of instelling.", broken: "Dit deel van de pagina werkt niet", brokenHint: "Laad het opnieuw; helpt dat niet, meld het dan aan wie deze console beheert.", again: "Opnieuw laden", lost: "De server antwoordt niet. Wat u ziet kan verouderd zijn; het wordt vanzelf opnieuw geprobeerd.", ended: "U bent afgemeld. Meld u aan om verder te gaan waar u was.", nowhere: "Hier is niets",
  },
  it: {
    clients: "Clienti", automation: "Automazione", activity: "Attività", main: "Principale", skip: "Vai al contenuto", business: "Azienda", language: "Lingua", dark: "Scuro", light: "Chiaro", out: "Esci",
    welcome: "Accedi", welcomeHint: "Con il token che hai ricevuto.", token: "Token", signIn: "Accedi", unknown: "Questo token non è conosciuto, o non lo è più.", viewer: "Può guardare", operator: "Può modificare",
    none: "Non c'è ancora nessuna azienda", noneHint: "Appare con il suo primo cliente o la sua prima impostazione.", broken: "Questa parte della pagina non funziona", brokenHint: "Ricaricala; se non aiuta, avvisa chi gestisce questa console.", again: "Ricarica", lost: "Il server non risponde. Ciò che vedi potrebbe non essere aggiornato; si riprova da solo.", ended: "La sessione è terminata. Accedi per continuare da dove eri.", nowhere: "Qui non c'è nulla",
  },
  fi: {
    clients: "Asiakkaat", automation: "Automaatio", activity: "Tapahtumat", main: "Päävalikko", skip: "Siirry sisältöön", business: "Yritys", language: "Kieli", dark: "Tumma", light: "Vaalea", out: "Kirjaudu ulos",
    welcome: "Kirjaudu sisään", welcomeHint: "Saamallasi käyttöavaimella.", token: "Käyttöavain", signIn: "Kirjaudu sisään", unknown: "Käyttöavainta ei tunneta (enää).", viewer: "Saa katsoa", operator: "Saa muuttaa",
    none: "Yrityksiä ei vielä ole", noneHint: "Yritys ilmestyy ensimmäisen asiakkaansa tai asetuksensa myötä.", broken: "Tämä sivun osa ei toimi", brokenHint: "Lataa se uudelleen; ellei se auta, kerro konsolin ylläpidolle.", again: "Lataa uudelleen", lost: "Palvelin ei vastaa. Näkymä voi olla vanhentunut; yhteyttä yritetään uudelleen itsestään.", ended: "Istunto on päättynyt. Kirjaudu sisään jatkaaksesi siitä, mihin jäit.", nowhere: "Täällä ei ole mitään",
  },
}, "app");

const PARTS = {
  clients: () => import("./pages/clients/page.js"),
  client: () => import("./pages/client/page.js"),
  automation: () => import("./pages/automation/page.js"),
  activity: () => import("./pages/activity/page.js"),
};
const NAV = ["clients", "automation", "activity"];

const ENDED = "ended"; // signed out by the server, not by the person

function App() {
  const [, draw] = useReducer((n) => n + 1, 0);
  const [me, setMe] = useState(undefined);
  const [failed, setFailed] = useState(null);
  const route = useRoute();
  const enter = async () => {
    try {
      setFailed(null);
      setMe(await api.me());
    } catch (problem) {
      if (problem.status === 401) setMe(null);
      else setFailed(problem);
    }
  };
  useEffect(() => onLanguage(draw), []);
  useEffect(() => api.onSignedOut(() => setMe((before) => (before?.name ? ENDED : before))), []);
  useEffect(() => {
    signInByLink().finally(enter);
  }, []);
  if (failed) return html`<main class="alone"><${Callout} kind="bad" action=${html`<${Button} small onClick=${enter}>${t("again")}<//>`}>${refusal(failed)}<//></main>`;
  if (me === undefined) return html`<main class="alone"><${Skeleton} /></main>`;
  if (me === null || me === ENDED) return html`<${SignIn} ended=${me === ENDED} onEntered=${enter} />`;
  const business = route.business ?? me.businesses[0];
  if (!business) return html`<main class="alone"><${Empty} icon="clients" title=${t("none")} action=${html`<${Button} icon="refresh" onClick=${enter}>${t("again")}<//>`}>${t("noneHint")}<//></main>`;
  return html`<${Frame} me=${me} route=${{...route, business, page: route.page ?? "clients"}} onOut=${() => setMe(null)} />`;
}

// /sign-in#token=… signs in at once; what stands after the # is never sent to a server by the browser.
async function signInByLink() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return;
  history.replaceState(null, "", "/");
  try {
    await api.signIn(token);
  } catch {
    // the form is shown instead
  }
}

function SignIn({ended, onEntered}) {
  const [token, setToken] = useState("");
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await api.signIn(token.trim());
      if (location.pathname === "/sign-in") go("/", {replace: true});
      await onEntered();
    } catch (problem) {
      setError(problem.status === 401 ? t("unknown") : refusal(problem));
      setBusy(false);
    }
  };
  return html`<main class="alone"><form class="sign-in" onSubmit=${submit}>
    <img src="/page/icon.svg" alt="" width="40" height="40" />
    <h1>${t("welcome")}</h1>${ended ? html`<${Callout}>${t("ended")}<//>` : html`<p class="hint">${t("welcomeHint")}</p>`}
    <${Text} label=${t("token")} type="password" value=${token} onValue=${setToken} error=${error} required autofocus spellcheck=${false} />
    <${Button} kind="primary" type="submit" busy=${busy} disabled=${!token.trim()}>${t("signIn")}<//>
    <${LanguageChoice} />
  </form></main>`;
}

const LanguageChoice = () => html`<label class="language"><${Icon} name="language" size=${16} /><span class="visually-hidden">${t("language")}</span>
  <select value=${language()} onChange=${(e) => setLanguage(e.target.value)}>${Object.entries(LANGUAGES).map(([code, name]) => html`<option key=${code} value=${code} lang=${code} selected=${code === language()}>${name}</option>`)}</select></label>`;

function Frame({me, route, onOut}) {
  const [, draw] = useReducer((n) => n + 1, 0);
  const out = async () => {
    try {
      await api.signOut();
      onOut();
    } catch (problem) {
      notify(refusal(problem), "bad"); // still signed in
    }
  };
  const flip = () => {
    setTheme(theme() === "dark" ? "light" : "dark");
    draw();
  };
  const part = NAV.includes(route.page) ? route.page : "clients";
  useEffect(() => {
    document.title = `${t(part)} · ${route.business} · client-status`;
  }, [part, route.business, language()]);
  const others = me.businesses.includes(route.business) ? me.businesses : [route.business, ...me.businesses];
  return html`<div class="frame">
    <a class="skip" href="#content">${t("skip")}</a>
    <aside class="side">
      <${Link} href=${to(route.business, "clients")} class="brand" aria-label="client-status"><img src="/page/icon.svg" alt="" width="28" height="28" /><span>client-status</span><//>
      <label class="business"><span class="visually-hidden">${t("business")}</span>
        <select value=${route.business} onChange=${(e) => go(to(e.target.value, route.page === "client" ? "clients" : route.page))}>${others.map((b) => html`<option key=${b} value=${b} selected=${b === route.business}>${b}</option>`)}</select></label>
      <nav class="nav" aria-label=${t("main")}>
        ${NAV.map((page) => html`<${Link} key=${page} href=${to(route.business, page)} class=${classes("nav-link", route.page === page && "nav-here")} aria-current=${route.page === page ? "page" : undefined}><${Icon} name=${page} /><span>${t(page)}</span><//>`)}
      </nav>
      <div class="side-foot">
        <div class="who"><${Icon} name="user" size=${16} /><span><strong>${me.name}</strong><small>${t(me.role)}</small></span></div>
        <div class="side-tools"><${LanguageChoice} /><${IconButton} icon=${theme() === "dark" ? "sun" : "moon"} label=${theme() === "dark" ? t("light") : t("dark")} onClick=${flip} /><${IconButton} icon="out" label=${t("out")} onClick=${out} /></div>
      </div>
    </aside>
    <main class="content" id="content" tabindex="-1"><${Touch} /><${Part} key=${`${route.business} ${route.page} ${language()}`} me=${me} route=${route} /></main>
    <${Notices} />
  </div>`;
}

const Touch = () => html`<div role="status">${useOutOfTouch() ? html`<div class="lost"><${Callout} kind="warn">${t("lost")}<//></div>` : null}</div>`;

// A part is a module whose default is a component of {business, route, me, mayChange}.
function Part({me, route}) {
  const [module, setModule] = useState(null);
  const [error, reset] = useErrorBoundary((problem) => console.error(problem));
  const name = route.page === "clients" && route.rest.length ? "client" : route.page;
  const known = Object.hasOwn(PARTS, name);
  useEffect(() => {
    let here = true;
    setModule(null);
    if (known) PARTS[name]().then((found) => found.default, () => Unreachable).then((Page) => here && setModule({name, Page}));
    return () => {
      here = false;
    };
  }, [name]);
  if (error) return html`<${Empty} icon="warning" title=${t("broken")} action=${html`<${Button} icon="refresh" onClick=${reset}>${t("again")}<//>`}>${t("brokenHint")}<//>`;
  if (!known) return html`<${Empty} icon="search" title=${t("nowhere")} action=${html`<${Link} class="button button-plain" href=${to(route.business, "clients")}>${t("clients")}<//>`} />`;
  if (module?.name !== name) return html`<${Skeleton} lines=${6} />`;
  return html`<${module.Page} business=${route.business} route=${route} me=${me} mayChange=${me.role === "operator"} />`;
}

render(html`<${App} />`, document.getElementById("app"));
