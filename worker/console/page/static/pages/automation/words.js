// The words of the automation's own pages, and how a setting is said.

import {language, words} from "../../lib/i18n.js";

export const t = words({
  en: {
    title: "Automation", titleHint: "What changes by itself, and the lists that it works with.", within: "Automation", viewer: "You may look at everything here, but not change it.", nowhere: "There is nothing here",
    switch: "Rules", statuses: "Statuses", groups: "Groups", fields: "Own fields", classifications: "Classifications", tags: "Tags", "tag-rules": "Tag rules", audiences: "Audiences", history: "History",
    isOn: "Automation is on", isOff: "Automation is off", enabled: "Automation", becomes: "becomes", onHint: "Clients change their status by themselves, as set below.", offHint: "Nobody changes their status by themselves. What staff set by hand still counts.",
    triggers: "What makes a customer", triggersHint: "The first of these that happens is enough.", lastTrigger: "This is the last one that is on, so it cannot be turned off. To stop all of them, turn the automation off.",
    booking_attended: "Booking attended", booking_attendedHint: "An appointment took place, or a group event was attended.", invoice_issued: "Invoice issued", invoice_issuedHint: "An invoice was made out to the client.",
    payment_made: "Payment made", payment_madeHint: "The client paid online, or staff entered a payment.", message_received: "Message received", message_receivedHint: "The client wrote to you.",
    completion: "When a booking counts as attended", completionHint: "No-shows and cancelled bookings never count.", elapsed: "When its time has passed", elapsedHint: "Nobody needs to tick anything off.", explicit: "Only when staff tick it off", explicitHint: "For those who keep a list of attendance.",
    quiet: "Clients who go quiet", quietHint: "No booking, invoice, payment or message in either direction.", quietOn: "Set them aside after a time", days: "Days without activity", daysWrong: "A whole number from 1 to 3,650.",
    ending: "When a relationship ends", require_end_reason: "Staff must give a reason", require_end_reasonHint: "When they set a status that ends the relationship. The reasons are under Classifications.",
    locale: "Language", localeLabel: "Language of the business", localeHint: "In which statuses are named to other systems.",
    before: "Clients from before", beforeHint: "Applies today's rules to everything that happened before them.", look: "See what would change", saveFirst: "Save or discard your changes first.", leave: "Leave as it is",
    nobodyChanges: {one: "Applied to what happened before, your {n} client keeps its status", other: "Applied to what happened before, none of your {n} clients changes status"}, would: {one: "{n} of {of} clients would get the status {status}", other: "{n} of {of} clients would get the status {status}"}, apply: {one: "Move {n} client", other: "Move {n} clients"},
    unsaved: {one: "{n} change not saved", other: "{n} changes not saved"}, discard: "Discard", review: "Review and save", reviewTitle: {one: "Save {n} change", other: "Save {n} changes"}, back: "Back", save: "Save",
    whatIf: "What this does to your clients", whatIfOn: "From now on, what happens is judged by the new rules.", whatIfOff: "From now on, nobody changes their status by themselves. Those who have a status keep it.",
    wouldCatchUp: {one: "If it is applied to what happened before, too: {n} of {of} clients gets the status {status} at once", other: "If it is applied to what happened before, too: {n} of {of} clients get the status {status} at once"}, catchUp: {one: "Apply it to existing clients, too: move {n} client", other: "Apply it to existing clients, too: move {n} clients"},
    wouldGoQuiet: {one: "Up to {n} client has been quiet for longer than that and gets the status {status} at once.", other: "Up to {n} clients have been quiet for longer than that and get the status {status} at once."},
    andMore: {one: "and {n} more", other: "and {n} more"}, looking: "Looking at every client", applying: "Applying to every client", saved: "Done", moved: {one: "{n} client now has the status {status}.", other: "{n} clients now have the status {status}."}, fromNow: "The new rules are in force.", showThem: "Show them", showStatus: "Show all with this status",
    on: "on", off: "off", never: "never", dayCount: {one: "{n} day", other: "{n} days"}, s_quiet: "Quiet after", s_completion: "Booking counts", s_locale: "Language",
  },
  nl: {
    title: "Automatisering", titleHint: "Wat er vanzelf verandert, en de lijsten die daarbij horen.", within: "Automatisering", viewer: "U mag hier alles bekijken, maar niets wijzigen.", nowhere: "Hier is niets",
    switch: "Regels", statuses: "Statussen", groups: "Groepen", fields: "Eigen velden", classifications: "Indelingen", tags: "Labels", "tag-rules": "Labelregels", audiences: "Doelgroepen", history: "Geschiedenis",
    isOn: "De automatisering staat aan", isOff: "De automatisering staat uit", enabled: "Automatisering", becomes: "wordt", onHint: "De status van klanten verandert vanzelf, zoals hieronder is ingesteld.", offHint: "De status van klanten verandert niet vanzelf. Wat medewerkers met de hand instellen, geldt wel.",
    triggers: "Wanneer iemand klant wordt", triggersHint: "Zodra een van deze dingen gebeurt.", lastTrigger: "Dit is de laatste die aanstaat; er moet er minstens één aan blijven. Wilt u alles stoppen, zet dan de automatisering uit.",
    booking_attended: "Boeking doorgegaan", booking_attendedHint: "Een afspraak heeft plaatsgevonden, of de klant heeft aan een groepsevenement deelgenomen.", invoice_issued: "Factuur verstuurd", invoice_issuedHint: "Er is een factuur aan de klant verstuurd.",
    payment_made: "Betaling ontvangen", payment_madeHint: "De klant heeft online betaald, of een medewerker heeft een betaling ingevoerd.", message_received: "Bericht ontvangen", message_receivedHint: "De klant heeft u een bericht gestuurd.",
    completion: "Wanneer een boeking als doorgegaan telt", completionHint: "Een niet nagekomen of geannuleerde boeking telt nooit.", elapsed: "Zodra de eindtijd voorbij is", elapsedHint: "Niemand hoeft iets af te vinken.", explicit: "Alleen als een medewerker het afvinkt", explicitHint: "Voor wie aanwezigheid bijhoudt.",
    quiet: "Klanten van wie u niets meer hoort", quietHint: "Geen boeking, factuur, betaling of bericht, in geen van beide richtingen.", quietOn: "Na een tijd van status veranderen", days: "Dagen zonder activiteit", daysWrong: "Een heel getal van 1 tot en met 3.650.",
    ending: "Als een relatie eindigt", require_end_reason: "Medewerkers moeten een reden geven", require_end_reasonHint: "Bij het instellen van een status die de relatie beëindigt. De redenen staan bij Indelingen.",
    locale: "Taal", localeLabel: "Taal van het bedrijf", localeHint: "De taal waarin andere systemen de namen van statussen krijgen.",
    before: "Bestaande klanten", beforeHint: "Past de huidige regels toe op alles wat eerder is gebeurd.", look: "Bekijk wat er zou veranderen", saveFirst: "Sla uw wijzigingen eerst op, of verwerp ze.", leave: "Laat het zo",
    nobodyChanges: {one: "Toegepast op wat eerder is gebeurd, houdt uw {n} klant de status die hij heeft", other: "Toegepast op wat eerder is gebeurd, krijgt geen van uw {n} klanten een andere status"}, would: {one: "{n} van {of} klanten zou de status {status} krijgen", other: "{n} van {of} klanten zouden de status {status} krijgen"}, apply: {one: "Toepassen op {n} klant", other: "Toepassen op {n} klanten"},
    unsaved: {one: "{n} wijziging niet opgeslagen", other: "{n} wijzigingen niet opgeslagen"}, discard: "Verwerpen", review: "Nakijken en opslaan", reviewTitle: {one: "{n} wijziging opslaan", other: "{n} wijzigingen opslaan"}, back: "Terug", save: "Opslaan",
    whatIf: "Wat dit met uw klanten doet", whatIfOn: "Vanaf nu gelden de nieuwe regels voor wat er gebeurt.", whatIfOff: "Vanaf nu verandert de status van klanten niet meer vanzelf. Iedereen houdt de status die hij heeft.",
    wouldCatchUp: {one: "Ook toegepast op wat eerder is gebeurd: {n} van {of} klanten krijgt meteen de status {status}", other: "Ook toegepast op wat eerder is gebeurd: {n} van {of} klanten krijgen meteen de status {status}"}, catchUp: {one: "Ook toepassen op {n} bestaande klant", other: "Ook toepassen op {n} bestaande klanten"},
    wouldGoQuiet: {one: "Van hoogstens {n} klant hoort u al langer niets; die krijgt meteen de status {status}.", other: "Van hoogstens {n} klanten hoort u al langer niets; die krijgen meteen de status {status}."},
    andMore: {one: "en nog {n}", other: "en nog {n}"}, looking: "Alle klanten worden bekeken", applying: "Alle klanten worden bijgewerkt", saved: "Klaar", moved: {one: "{n} klant heeft nu de status {status}.", other: "{n} klanten hebben nu de status {status}."}, fromNow: "De nieuwe regels gelden.", showThem: "Deze klanten tonen", showStatus: "Alle klanten met deze status",
    on: "aan", off: "uit", never: "nooit", dayCount: {one: "{n} dag", other: "{n} dagen"}, s_quiet: "Stil na", s_completion: "Boeking telt", s_locale: "Taal",
  },
  it: {
    title: "Automazione", titleHint: "Che cosa cambia da solo, e gli elenchi che servono.", within: "Automazione", viewer: "Qui puoi guardare tutto, ma non modificare.", nowhere: "Qui non c'è nulla",
    switch: "Regole", statuses: "Stati", groups: "Gruppi", fields: "Campi propri", classifications: "Classificazioni", tags: "Etichette", "tag-rules": "Regole etichette", audiences: "Segmenti", history: "Cronologia",
    isOn: "L'automazione è attiva", isOff: "L'automazione è disattivata", enabled: "Automazione", becomes: "diventa", onHint: "I clienti cambiano stato da soli, come impostato qui sotto.", offHint: "Nessuno cambia stato da solo. Quello che lo staff imposta a mano continua a valere.",
    triggers: "Quando si diventa clienti", triggersHint: "Basta che accada una di queste cose.", lastTrigger: "È l'ultima ancora attiva: almeno una deve restarlo. Per fermare tutto, disattiva l'automazione.",
    booking_attended: "Prenotazione onorata", booking_attendedHint: "Un appuntamento si è svolto, o qualcuno ha partecipato a un evento di gruppo.", invoice_issued: "Fattura emessa", invoice_issuedHint: "È stata emessa una fattura al cliente.",
    payment_made: "Pagamento effettuato", payment_madeHint: "Il cliente ha pagato online, o lo staff ha registrato un pagamento.", message_received: "Messaggio ricevuto", message_receivedHint: "Il cliente ti ha scritto.",
    completion: "Quando una prenotazione vale come onorata", completionHint: "Assenze e prenotazioni annullate non valgono mai.", elapsed: "Quando l'orario è passato", elapsedHint: "Non serve spuntare nulla.", explicit: "Solo quando lo staff la spunta", explicitHint: "Per chi tiene un registro delle presenze.",
    quiet: "Clienti che non si fanno più sentire", quietHint: "Nessuna prenotazione, fattura, pagamento o messaggio né in un senso né nell'altro.", quietOn: "Cambia il loro stato dopo un certo tempo", days: "Giorni senza attività", daysWrong: "Un numero intero da 1 a 3.650.",
    ending: "Quando il rapporto si chiude", require_end_reason: "Lo staff deve indicare un motivo", require_end_reasonHint: "Quando imposta uno stato che chiude il rapporto. I motivi sono in Classificazioni.",
    locale: "Lingua", localeLabel: "Lingua dell'azienda", localeHint: "La lingua in cui gli altri sistemi ricevono i nomi degli stati.",
    before: "Clienti esistenti", beforeHint: "Applica le regole attuali a tutto ciò che è già successo.", look: "Vedi che cosa cambierebbe", saveFirst: "Prima salva o scarta le tue modifiche.", leave: "Lascia tutto così",
    nobodyChanges: {one: "Applicate al passato, le regole lasciano il tuo {n} cliente nel suo stato", other: "Applicate al passato, le regole non cambiano lo stato di nessuno dei tuoi {n} clienti"}, would: {one: "{n} cliente su {of} passerebbe allo stato {status}", other: "{n} clienti su {of} passerebbero allo stato {status}"}, apply: {one: "Applica a {n} cliente", other: "Applica a {n} clienti"},
    unsaved: {one: "{n} modifica non salvata", other: "{n} modifiche non salvate"}, discard: "Scarta", review: "Controlla e salva", reviewTitle: {one: "Salva {n} modifica", other: "Salva {n} modifiche"}, back: "Indietro", save: "Salva",
    whatIf: "Che effetto ha sui tuoi clienti", whatIfOn: "Da adesso quello che succede segue le nuove regole.", whatIfOff: "Da adesso nessuno cambia stato da solo. Chi ha uno stato lo mantiene.",
    wouldCatchUp: {one: "Se vale anche per il passato: {n} cliente su {of} passa subito allo stato {status}", other: "Se vale anche per il passato: {n} clienti su {of} passano subito allo stato {status}"}, catchUp: {one: "Applica anche a {n} cliente esistente", other: "Applica anche a {n} clienti esistenti"},
    wouldGoQuiet: {one: "Al massimo {n} cliente non si fa sentire da più tempo e passa subito allo stato {status}.", other: "Al massimo {n} clienti non si fanno sentire da più tempo e passano subito allo stato {status}."},
    andMore: {one: "e ancora {n}", other: "e altri {n}"}, looking: "Esame di tutti i clienti", applying: "Applicazione a tutti i clienti", saved: "Fatto", moved: {one: "{n} cliente ora ha lo stato {status}.", other: "{n} clienti ora hanno lo stato {status}."}, fromNow: "Le nuove regole sono in vigore.", showThem: "Mostrali", showStatus: "Tutti i clienti con questo stato",
    on: "attivo", off: "disattivato", never: "mai", dayCount: {one: "{n} giorno", other: "{n} giorni"}, s_quiet: "Nessuna attività da", s_completion: "La prenotazione vale", s_locale: "Lingua",
  },
  fi: {
    title: "Automaatio", titleHint: "Mikä muuttuu itsestään, ja siinä käytetyt luettelot.", within: "Automaatio", viewer: "Täällä saa katsoa kaikkea, mutta ei muuttaa.", nowhere: "Täällä ei ole mitään",
    switch: "Säännöt", statuses: "Tilat", groups: "Ryhmät", fields: "Omat kentät", classifications: "Luokitukset", tags: "Tunnisteet", "tag-rules": "Tunnistesäännöt", audiences: "Kohderyhmät", history: "Historia",
    isOn: "Automaatio on päällä", isOff: "Automaatio on pois päältä", enabled: "Automaatio", becomes: "muuttuu tilaan", onHint: "Asiakkaiden tila vaihtuu itsestään alla olevien asetusten mukaan.", offHint: "Kenenkään tila ei vaihdu itsestään. Henkilökunnan käsin asettama pätee silti.",
    triggers: "Milloin joku on asiakas", triggersHint: "Yksi näistä riittää.", lastTrigger: "Tämä on viimeinen päällä oleva, ja ainakin yhden on jäätävä päälle. Jos haluat pysäyttää kaiken, kytke automaatio pois päältä.",
    booking_attended: "Varaus toteutui", booking_attendedHint: "Ajanvaraus toteutui tai ryhmätapahtumaan osallistuttiin.", invoice_issued: "Lasku laadittu", invoice_issuedHint: "Asiakkaalle laadittiin lasku.",
    payment_made: "Maksu suoritettu", payment_madeHint: "Asiakas maksoi verkossa tai henkilökunta kirjasi maksun.", message_received: "Viesti vastaanotettu", message_receivedHint: "Asiakas lähetti viestin.",
    completion: "Milloin varaus katsotaan toteutuneeksi", completionHint: "Saapumatta jääneitä ja peruttuja ei lasketa koskaan.", elapsed: "Kun sen aika on kulunut", elapsedHint: "Kenenkään ei tarvitse kuitata mitään.", explicit: "Vain kun henkilökunta kuittaa sen", explicitHint: "Niille, jotka pitävät läsnäololistaa.",
    quiet: "Hiljentyneet asiakkaat", quietHint: "Ei varausta, laskua, maksua eikä viestiä kumpaankaan suuntaan.", quietOn: "Vaihda tila jonkin ajan kuluttua", days: "Päiviä ilman tapahtumia", daysWrong: "Kokonaisluku väliltä 1–3 650.",
    ending: "Kun asiakkuus päättyy", require_end_reason: "Henkilökunnan on annettava syy", require_end_reasonHint: "Kun asetetaan tila, joka päättää asiakkuuden. Syyt ovat Luokituksissa.",
    locale: "Kieli", localeLabel: "Yrityksen kieli", localeHint: "Kieli, jolla muut järjestelmät saavat tilojen nimet.",
    before: "Nykyiset asiakkaat", beforeHint: "Soveltaa nykyisiä sääntöjä kaikkeen aiemmin tapahtuneeseen.", look: "Katso, mikä muuttuisi", saveFirst: "Tallenna tai hylkää muutokset ensin.", leave: "Jätä ennalleen",
    nobodyChanges: {one: "Aiempaan sovellettuna {n} asiakkaan tila ei vaihdu", other: "Aiempaan sovellettuna yhdenkään {n} asiakkaan tila ei vaihdu"}, would: {one: "{n}/{of} asiakasta saisi tilan {status}", other: "{n}/{of} asiakasta saisi tilan {status}"}, apply: {one: "Vaihda {n} asiakkaan tila", other: "Vaihda {n} asiakkaan tila"},
    unsaved: {one: "{n} muutos tallentamatta", other: "{n} muutosta tallentamatta"}, discard: "Hylkää", review: "Tarkista ja tallenna", reviewTitle: {one: "Tallenna {n} muutos", other: "Tallenna {n} muutosta"}, back: "Takaisin", save: "Tallenna",
    whatIf: "Mitä tämä tekee asiakkaille", whatIfOn: "Tästä lähtien tapahtumiin sovelletaan uusia sääntöjä.", whatIfOff: "Tästä lähtien kenenkään tila ei vaihdu itsestään. Nykyiset tilat säilyvät.",
    wouldCatchUp: {one: "Jos sovelletaan myös aiempaan: {n}/{of} asiakasta saa heti tilan {status}", other: "Jos sovelletaan myös aiempaan: {n}/{of} asiakasta saa heti tilan {status}"}, catchUp: {one: "Sovella myös nykyisiin: vaihda {n} asiakkaan tila", other: "Sovella myös nykyisiin: vaihda {n} asiakkaan tila"},
    wouldGoQuiet: {one: "Enintään {n} asiakas on ollut hiljaa tätä kauemmin ja saa heti tilan {status}.", other: "Enintään {n} asiakasta on ollut hiljaa tätä kauemmin ja saa heti tilan {status}."},
    andMore: {one: "ja {n} muu", other: "ja {n} muuta"}, looking: "Käydään läpi kaikki", applying: "Sovelletaan kaikkiin", saved: "Valmis", moved: {one: "{n} asiakkaalla on nyt tila {status}.", other: "{n} asiakkaalla on nyt tila {status}."}, fromNow: "Uudet säännöt ovat voimassa.", showThem: "Näytä heidät", showStatus: "Kaikki, joilla on tämä tila",
    on: "päällä", off: "pois", never: "ei koskaan", dayCount: {one: "{n} päivä", other: "{n} päivää"}, s_quiet: "Hiljaa", s_completion: "Varaus lasketaan", s_locale: "Kieli",
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
