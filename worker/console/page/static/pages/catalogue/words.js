// The words that all lists of a business share.

import {words} from "../../lib/i18n.js";

export const t = words({
  en: {
    add: "Add", edit: "Change", remove: "Remove", cancel: "Cancel", save: "Save", name: "Name", code: "Code", codeHint: "Other systems know it by this code. It cannot be changed later.", codeWrong: "1 to 64 letters without accents, digits, and . _ - :", codeTaken: "This code is taken.", required: "This is needed.",
    languages: "Names in other languages", earlier: "Move {what} up", later: "Move {what} down", editWhat: "Change {what}", removeWhat: "Remove {what}", place: "{what} is now number {n} of {of}.", drag: "Drag to another place",
    clients: {one: "{n} client", other: "{n} clients"}, added: "{what} was added.", changed: "{what} was changed.", removed: "{what} was removed.", sure: "This cannot be taken back.", moving: "Going through all clients",
  },
  nl: {
    add: "Toevoegen", edit: "Wijzigen", remove: "Verwijderen", cancel: "Annuleren", save: "Opslaan", name: "Naam", code: "Code", codeHint: "Met deze code werken andere systemen. De code is later niet te wijzigen.", codeWrong: "1 tot 64 letters zonder accenten, cijfers en . _ - :", codeTaken: "Deze code is al in gebruik.", required: "Dit is verplicht.",
    languages: "Namen in andere talen", earlier: "{what} naar boven", later: "{what} naar beneden", editWhat: "{what} wijzigen", removeWhat: "{what} verwijderen", place: "{what} is nu nummer {n} van {of}.", drag: "Sleep naar een andere plaats",
    clients: {one: "{n} klant", other: "{n} klanten"}, added: "{what} is toegevoegd.", changed: "{what} is gewijzigd.", removed: "{what} is verwijderd.", sure: "Dit is niet terug te draaien.", moving: "Alle klanten worden nagelopen",
  },
  it: {
    add: "Aggiungi", edit: "Modifica", remove: "Rimuovi", cancel: "Annulla", save: "Salva", name: "Nome", code: "Codice", codeHint: "Gli altri sistemi usano questo codice. In seguito non si può cambiare.", codeWrong: "Da 1 a 64 lettere senza accenti, cifre e . _ - :", codeTaken: "Questo codice è già usato.", required: "Campo obbligatorio.",
    languages: "Nomi in altre lingue", earlier: "Sposta {what} in su", later: "Sposta {what} in giù", editWhat: "Modifica {what}", removeWhat: "Rimuovi {what}", place: "{what} ora è il numero {n} di {of}.", drag: "Trascina in un'altra posizione",
    clients: {one: "{n} cliente", other: "{n} clienti"}, added: "Aggiunto: {what}.", changed: "Modificato: {what}.", removed: "Rimosso: {what}.", sure: "Non si può annullare.", moving: "Aggiornamento di tutti i clienti",
  },
  fi: {
    add: "Lisää", edit: "Muokkaa", remove: "Poista", cancel: "Peruuta", save: "Tallenna", name: "Nimi", code: "Koodi", codeHint: "Muut järjestelmät tuntevat sen tällä koodilla. Sitä ei voi muuttaa myöhemmin.", codeWrong: "1–64 kirjainta ilman aksentteja, numeroa ja merkkiä . _ - :", codeTaken: "Koodi on jo käytössä.", required: "Pakollinen tieto.",
    languages: "Nimet muilla kielillä", earlier: "Siirrä ylöspäin: {what}", later: "Siirrä alaspäin: {what}", editWhat: "Muokkaa: {what}", removeWhat: "Poista: {what}", place: "{what} on nyt {n}. ({of} yhteensä).", drag: "Vedä toiseen paikkaan",
    clients: {one: "{n} asiakas", other: "{n} asiakasta"}, added: "Lisätty: {what}.", changed: "Muutettu: {what}.", removed: "Poistettu: {what}.", sure: "Tätä ei voi perua.", moving: "Käydään läpi kaikki asiakkaat",
  },
}, "catalogue");
