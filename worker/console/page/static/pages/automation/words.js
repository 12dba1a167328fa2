// The words of the automation's own pages, and how a setting is said.

import {language, words} from "../../lib/i18n.js";

export const t = words({
  en: {
    title: "Automation", titleHint: "What changes by itself, and the lists that it works with.", within: "Automation", viewer: "You may look at everything here, but not change it.", nowhere: "There is nothing here",
    switch: "Rules", statuses: "Statuses", groups: "Groups", fields: "Own fields", classifications: "Classifications", "tag-rules": "Tag rules", audiences: "Audiences", history: "History",
    isOn: "Automation is on", isOff: "Automation is off", enabled: "Automation", becomes: "becomes", onHint: "Clients change their status by themselves, as set below.", offHint: "Nobody changes their status by themselves. What staff set by hand still counts.",
    triggers: "What makes a customer", triggersHint: "The first of these that happens is enough.", lastTrigger: "This is the last one that is on, so it cannot be turned off. To stop all of them, turn the automation off.",
    booking_attended: "Booking attended", booking_attendedHint: "An appointment took place, or a group event was attended.", invoice_issued: "Invoice issued", invoice_issuedHint: "An invoice was made out to the client.",
    payment_made: "Payment made", payment_madeHint: "The client paid online, or staff entered a payment.", message_received: "Message received", message_receivedHint: "The client wrote to you.",
    completion: "When a booking counts as attended", completionHint: "No-shows and cancelled bookings never count.", elapsed: "When its time has passed", elapsedHint: "Nobody needs to tick anything off.", explicit: "Only when staff tick it off", explicitHint: "For those who keep a list of attendance.",
    quiet: "Clients who go quiet", quietHint: "No booking, invoice, payment or message in either direction.", quietOn: "Set them aside after a time", days: "Days without activity", daysWrong: "A whole number from 1 to 3,650.",
    ending: "When a relationship ends", require_end_reason: "Staff must give a reason", require_end_reasonHint: "When they set a status that ends the relationship. The reasons are under Classifications.",
    locale: "Language", localeLabel: "Language of the business", localeHint: "In which statuses are named to other systems.",
    before: "Clients from before", beforeHint: "Applies today's rules to everything that happened before them.", look: "See what would change", saveFirst: "Save or discard your changes first.", leave: "Leave as it is",
    would: {one: "{n} of {of} clients would become a customer", other: "{n} of {of} clients would become customers"}, apply: {one: "Move {n} client", other: "Move {n} clients"},
    unsaved: {one: "{n} change not saved", other: "{n} changes not saved"}, discard: "Discard", review: "Review and save", reviewTitle: {one: "Save {n} change", other: "Save {n} changes"}, back: "Back", save: "Save",
    whatIf: "What this does to your clients", whatIfOn: "From now on, what happens is judged by the new rules.", whatIfOff: "From now on, nobody changes their status by themselves. Those who have a status keep it.",
    wouldCatchUp: {one: "If it is applied to what happened before, too: {n} of {of} clients becomes a customer at once", other: "If it is applied to what happened before, too: {n} of {of} clients become customers at once"}, catchUp: {one: "Apply it to existing clients, too: move {n} client", other: "Apply it to existing clients, too: move {n} clients"},
    wouldGoQuiet: {one: "Up to {n} customer has been quiet for longer than that and is set aside at once.", other: "Up to {n} customers have been quiet for longer than that and are set aside at once."},
    andMore: {one: "and {n} more", other: "and {n} more"}, looking: "Looking at every client", applying: "Applying to every client", saved: "Done", moved: {one: "{n} client became a customer.", other: "{n} clients became customers."}, fromNow: "The new rules are in force.", showThem: "Show customers",
    on: "on", off: "off", never: "never", dayCount: {one: "{n} day", other: "{n} days"}, s_quiet: "Quiet after", s_completion: "Booking counts", s_locale: "Language",
  },
  nl: {
    title: "Automatisering", titleHint: "Wat vanzelf verandert, en de lijsten die daarbij horen.", within: "Automatisering", viewer: "U mag hier alles bekijken, maar niets wijzigen.", nowhere: "Hier is niets",
    switch: "Regels", statuses: "Statussen", groups: "Groepen", fields: "Eigen velden", classifications: "Indelingen", "tag-rules": "Labelregels", audiences: "Doelgroepen", history: "Geschiedenis",
    isOn: "De automatisering staat aan", isOff: "De automatisering staat uit", enabled: "Automatisering", becomes: "wordt", onHint: "Klanten wisselen vanzelf van status, zoals hieronder ingesteld.", offHint: "Niemand wisselt vanzelf van status. Wat medewerkers met de hand instellen, telt nog wel.",
    triggers: "Wat iemand klant maakt", triggersHint: "Het eerste wat hiervan gebeurt, is genoeg.", lastTrigger: "Dit is de laatste die aanstaat en kan dus niet uit. Zet de automatisering uit om alles te stoppen.",
    booking_attended: "Boeking bijgewoond", booking_attendedHint: "Een afspraak vond plaats, of een groepsevenement is bijgewoond.", invoice_issued: "Factuur verstuurd", invoice_issuedHint: "Er is een factuur voor de klant gemaakt.",
    payment_made: "Betaling gedaan", payment_madeHint: "De klant betaalde online, of een medewerker voerde een betaling in.", message_received: "Bericht ontvangen", message_receivedHint: "De klant schreef u.",
    completion: "Wanneer een boeking als bijgewoond telt", completionHint: "Niet verschenen en geannuleerd telt nooit.", elapsed: "Als de tijd voorbij is", elapsedHint: "Niemand hoeft iets af te vinken.", explicit: "Alleen als een medewerker het afvinkt", explicitHint: "Voor wie aanwezigheid bijhoudt.",
    quiet: "Klanten van wie u niets meer hoort", quietHint: "Geen boeking, factuur, betaling of bericht, in geen van beide richtingen.", quietOn: "Na een tijd apart zetten", days: "Dagen zonder activiteit", daysWrong: "Een heel getal van 1 tot en met 3.650.",
    ending: "Als een relatie eindigt", require_end_reason: "Medewerkers moeten een reden geven", require_end_reasonHint: "Als zij een status instellen die de relatie beëindigt. De redenen staan bij Indelingen.",
    locale: "Taal", localeLabel: "Taal van het bedrijf", localeHint: "Waarin statussen aan andere systemen worden genoemd.",
    before: "Klanten van eerder", beforeHint: "Past de regels van vandaag toe op alles wat daarvoor gebeurde.", look: "Bekijk wat er zou veranderen", saveFirst: "Bewaar of verwerp eerst uw wijzigingen.", leave: "Laat het zo",
    would: {one: "{n} van {of} cliënten zou klant worden", other: "{n} van {of} cliënten zouden klant worden"}, apply: {one: "{n} cliënt verplaatsen", other: "{n} cliënten verplaatsen"},
    unsaved: {one: "{n} wijziging niet bewaard", other: "{n} wijzigingen niet bewaard"}, discard: "Verwerpen", review: "Nakijken en bewaren", reviewTitle: {one: "{n} wijziging bewaren", other: "{n} wijzigingen bewaren"}, back: "Terug", save: "Bewaren",
    whatIf: "Wat dit met uw klanten doet", whatIfOn: "Vanaf nu gelden de nieuwe regels voor wat er gebeurt.", whatIfOff: "Vanaf nu wisselt niemand vanzelf van status. Wie een status heeft, houdt die.",
    wouldCatchUp: {one: "Als het ook geldt voor wat eerder gebeurde: {n} van {of} cliënten wordt meteen klant", other: "Als het ook geldt voor wat eerder gebeurde: {n} van {of} cliënten worden meteen klant"}, catchUp: {one: "Ook toepassen op bestaande cliënten: {n} cliënt verplaatsen", other: "Ook toepassen op bestaande cliënten: {n} cliënten verplaatsen"},
    wouldGoQuiet: {one: "Van hoogstens {n} klant hoort u al langer niets; die wordt meteen apart gezet.", other: "Van hoogstens {n} klanten hoort u al langer niets; die worden meteen apart gezet."},
    andMore: {one: "en nog {n}", other: "en nog {n}"}, looking: "Elke cliënt wordt bekeken", applying: "Elke cliënt wordt bijgewerkt", saved: "Klaar", moved: {one: "{n} cliënt werd klant.", other: "{n} cliënten werden klant."}, fromNow: "De nieuwe regels gelden.", showThem: "Klanten tonen",
    on: "aan", off: "uit", never: "nooit", dayCount: {one: "{n} dag", other: "{n} dagen"}, s_quiet: "Stil na", s_completion: "Boeking telt", s_locale: "Taal",
  },
  it: {
    title: "Automazione", titleHint: "Che cosa cambia da solo, e gli elenchi su cui lavora.", within: "Automazione", viewer: "Qui puoi guardare tutto, ma non modificare.", nowhere: "Qui non c'è nulla",
    switch: "Regole", statuses: "Stati", groups: "Gruppi", fields: "Campi propri", classifications: "Classificazioni", "tag-rules": "Regole dei tag", audiences: "Segmenti", history: "Cronologia",
    isOn: "L'automazione è attiva", isOff: "L'automazione è disattivata", enabled: "Automazione", becomes: "diventa", onHint: "I clienti cambiano stato da soli, come impostato qui sotto.", offHint: "Nessuno cambia stato da solo. Quello che lo staff imposta a mano continua a valere.",
    triggers: "Che cosa rende qualcuno cliente", triggersHint: "Basta la prima di queste cose.", lastTrigger: "È l'ultima attiva e quindi non si può disattivare. Per fermare tutto, disattiva l'automazione.",
    booking_attended: "Prenotazione frequentata", booking_attendedHint: "Un appuntamento si è svolto, o qualcuno ha partecipato a un evento di gruppo.", invoice_issued: "Fattura emessa", invoice_issuedHint: "È stata emessa una fattura al cliente.",
    payment_made: "Pagamento effettuato", payment_madeHint: "Il cliente ha pagato online, o lo staff ha registrato un pagamento.", message_received: "Messaggio ricevuto", message_receivedHint: "Il cliente ti ha scritto.",
    completion: "Quando una prenotazione vale come frequentata", completionHint: "Assenze e prenotazioni annullate non valgono mai.", elapsed: "Quando il suo orario è passato", elapsedHint: "Nessuno deve spuntare nulla.", explicit: "Solo quando lo staff la spunta", explicitHint: "Per chi tiene un registro delle presenze.",
    quiet: "Clienti che non si fanno più sentire", quietHint: "Nessuna prenotazione, fattura, pagamento o messaggio in entrambe le direzioni.", quietOn: "Mettili da parte dopo un po'", days: "Giorni senza attività", daysWrong: "Un numero intero da 1 a 3.650.",
    ending: "Quando un rapporto finisce", require_end_reason: "Lo staff deve dare un motivo", require_end_reasonHint: "Quando imposta uno stato che chiude il rapporto. I motivi sono in Classificazioni.",
    locale: "Lingua", localeLabel: "Lingua dell'azienda", localeHint: "In cui gli stati vengono comunicati agli altri sistemi.",
    before: "Clienti di prima", beforeHint: "Applica le regole di oggi a tutto quello che è successo prima.", look: "Vedi che cosa cambierebbe", saveFirst: "Prima salva o scarta le tue modifiche.", leave: "Lascia così",
    would: {one: "{n} persona su {of} diventerebbe cliente", other: "{n} persone su {of} diventerebbero clienti"}, apply: {one: "Sposta {n} persona", other: "Sposta {n} persone"},
    unsaved: {one: "{n} modifica non salvata", other: "{n} modifiche non salvate"}, discard: "Scarta", review: "Controlla e salva", reviewTitle: {one: "Salva {n} modifica", other: "Salva {n} modifiche"}, back: "Indietro", save: "Salva",
    whatIf: "Che effetto ha sui tuoi clienti", whatIfOn: "Da adesso quello che succede segue le nuove regole.", whatIfOff: "Da adesso nessuno cambia stato da solo. Chi ha uno stato lo mantiene.",
    wouldCatchUp: {one: "Se vale anche per il passato: {n} persona su {of} diventa subito cliente", other: "Se vale anche per il passato: {n} persone su {of} diventano subito clienti"}, catchUp: {one: "Applica anche ai clienti esistenti: sposta {n} persona", other: "Applica anche ai clienti esistenti: sposta {n} persone"},
    wouldGoQuiet: {one: "Al massimo {n} cliente tace da più tempo e viene messo subito da parte.", other: "Al massimo {n} clienti tacciono da più tempo e vengono messi subito da parte."},
    andMore: {one: "e ancora {n}", other: "e altri {n}"}, looking: "Esame di tutti i clienti", applying: "Applicazione a tutti i clienti", saved: "Fatto", moved: {one: "{n} persona è diventata cliente.", other: "{n} persone sono diventate clienti."}, fromNow: "Le nuove regole sono in vigore.", showThem: "Mostra i clienti",
    on: "attivo", off: "disattivato", never: "mai", dayCount: {one: "{n} giorno", other: "{n} giorni"}, s_quiet: "Silenzio dopo", s_completion: "La prenotazione vale", s_locale: "Lingua",
  },
  fi: {
    title: "Automaatio", titleHint: "Mikä muuttuu itsestään, ja luettelot, joita siinä käytetään.", within: "Automaatio", viewer: "Täällä saa katsoa kaikkea, mutta ei muuttaa.", nowhere: "Täällä ei ole mitään",
    switch: "Säännöt", statuses: "Tilat", groups: "Ryhmät", fields: "Omat kentät", classifications: "Luokitukset", "tag-rules": "Tunnistesäännöt", audiences: "Kohderyhmät", history: "Historia",
    isOn: "Automaatio on päällä", isOff: "Automaatio on pois päältä", enabled: "Automaatio", becomes: "muuttuu tilaan", onHint: "Asiakkaiden tila vaihtuu itsestään alla olevien asetusten mukaan.", offHint: "Kenenkään tila ei vaihdu itsestään. Henkilökunnan käsin asettama pätee silti.",
    triggers: "Mikä tekee asiakkaan", triggersHint: "Näistä ensimmäinen riittää.", lastTrigger: "Tämä on viimeinen päällä oleva, joten sitä ei voi kytkeä pois. Kaikki pysähtyy kytkemällä automaatio pois päältä.",
    booking_attended: "Varaus toteutui", booking_attendedHint: "Ajanvaraus toteutui tai ryhmätapahtumaan osallistuttiin.", invoice_issued: "Lasku lähetetty", invoice_issuedHint: "Asiakkaalle tehtiin lasku.",
    payment_made: "Maksu suoritettu", payment_madeHint: "Asiakas maksoi verkossa tai henkilökunta kirjasi maksun.", message_received: "Viesti saatu", message_receivedHint: "Asiakas kirjoitti.",
    completion: "Milloin varaus katsotaan toteutuneeksi", completionHint: "Saapumatta jääneitä ja peruttuja ei lasketa koskaan.", elapsed: "Kun sen aika on kulunut", elapsedHint: "Kenenkään ei tarvitse kuitata mitään.", explicit: "Vain kun henkilökunta kuittaa sen", explicitHint: "Niille, jotka pitävät läsnäololistaa.",
    quiet: "Hiljentyneet asiakkaat", quietHint: "Ei varausta, laskua, maksua eikä viestiä kumpaankaan suuntaan.", quietOn: "Siirrä sivuun jonkin ajan kuluttua", days: "Päiviä ilman toimintaa", daysWrong: "Kokonaisluku väliltä 1–3 650.",
    ending: "Kun asiakassuhde päättyy", require_end_reason: "Henkilökunnan on annettava syy", require_end_reasonHint: "Kun asetetaan tila, joka päättää asiakassuhteen. Syyt ovat Luokituksissa.",
    locale: "Kieli", localeLabel: "Yrityksen kieli", localeHint: "Jolla tilat ilmoitetaan muille järjestelmille.",
    before: "Aiemmat asiakkaat", beforeHint: "Soveltaa tämän päivän sääntöjä kaikkeen aiemmin tapahtuneeseen.", look: "Katso, mikä muuttuisi", saveFirst: "Tallenna tai hylkää muutokset ensin.", leave: "Jätä ennalleen",
    would: {one: "{n} / {of} henkilöstä muuttuisi asiakkaaksi", other: "{n} / {of} henkilöstä muuttuisi asiakkaiksi"}, apply: {one: "Siirrä {n} henkilö", other: "Siirrä {n} henkilöä"},
    unsaved: {one: "{n} muutos tallentamatta", other: "{n} muutosta tallentamatta"}, discard: "Hylkää", review: "Tarkista ja tallenna", reviewTitle: {one: "Tallenna {n} muutos", other: "Tallenna {n} muutosta"}, back: "Takaisin", save: "Tallenna",
    whatIf: "Mitä tämä tekee asiakkaille", whatIfOn: "Tästä lähtien tapahtumiin sovelletaan uusia sääntöjä.", whatIfOff: "Tästä lähtien kenenkään tila ei vaihdu itsestään. Nykyiset tilat säilyvät.",
    wouldCatchUp: {one: "Jos sovelletaan myös aiempaan: {n} / {of} henkilöstä muuttuu heti asiakkaaksi", other: "Jos sovelletaan myös aiempaan: {n} / {of} henkilöstä muuttuu heti asiakkaiksi"}, catchUp: {one: "Sovella myös nykyisiin: siirrä {n} henkilö", other: "Sovella myös nykyisiin: siirrä {n} henkilöä"},
    wouldGoQuiet: {one: "Enintään {n} asiakas on ollut hiljaa tätä kauemmin ja siirretään heti sivuun.", other: "Enintään {n} asiakasta on ollut hiljaa tätä kauemmin ja siirretään heti sivuun."},
    andMore: {one: "ja {n} muu", other: "ja {n} muuta"}, looking: "Käydään läpi kaikki", applying: "Sovelletaan kaikkiin", saved: "Valmis", moved: {one: "{n} henkilöstä tuli asiakas.", other: "{n} henkilöstä tuli asiakkaita."}, fromNow: "Uudet säännöt ovat voimassa.", showThem: "Näytä asiakkaat",
    on: "päällä", off: "pois", never: "ei koskaan", dayCount: {one: "{n} päivä", other: "{n} päivää"}, s_quiet: "Hiljaa jälkeen", s_completion: "Varaus lasketaan", s_locale: "Kieli",
  },
}, "automation");

export function languageName(locale) {
  try {
    const name = new Intl.DisplayNames(language(), {type: "language"}).of(locale);
    return name === locale ? locale : `${name[0].toLocaleUpperCase(language())}${name.slice(1)} (${locale})`;
  } catch {
    return locale;
  }
}

const NAMES = {inactive_after_days: "s_quiet", completion: "s_completion", locale: "s_locale"};

// `triggers.payment_made` and the like, in words.
export const settingName = (name) => t(NAMES[name] ?? name.replace("triggers.", ""));

export function settingValue(name, value) {
  if (name === "inactive_after_days") return value === null ? t("never") : t("dayCount", {n: value});
  if (name === "completion") return t(value);
  if (name === "locale") return languageName(value);
  return value ? t("on") : t("off");
}
