// The words of the statuses and of their groups.

import {words} from "../../lib/i18n.js";

export const t = words({
  en: {
    title: "Statuses", hint: "In the order in which they are shown everywhere.", add: "Add a status", edit: "Change {what}", remove: "Remove {what}", color: "Colour", role: "Role in the automation", noRole: "None", roleMoves: "The status that has it now loses it.", roleStays: "To take this role away, give it to another status.",
    initial: "New clients", converted: "Customers", dormant: "Gone quiet", initialHint: "Where every new client begins", convertedHint: "What the automation makes of them", dormantHint: "What becomes of those who go quiet",
    project_allowed: "Projects allowed", project_allowedHint: "Other systems may open a project for such a client.", supplier_allowed: "May be a supplier", supplier_allowedHint: "Other systems may choose such a client as a supplier.", ended: "The relationship is over", endedHint: "Such clients are left out of searches that do not ask for them.",
    noProjects: "no projects", noSupplier: "no supplier", over: "ended",
    hasRole: "This status has a role in the automation: {role}. Give the role to another status first.", inUse: {one: "{n} client has this status. Choose which one it gets instead.", other: "{n} clients have this status. Choose which one they get instead."}, moveTo: "Move them to", noneHasIt: "No client has this status.",
    movedAway: {one: "{what} was removed; {n} client was moved.", other: "{what} was removed; {n} clients were moved."}, moveThem: {one: "Move {n} client and remove", other: "Move {n} clients and remove"},
    groups: "Status groups", groupsHint: "Statuses that are searched and filtered together. One may be in several.", addGroup: "Add a group", noGroups: "No groups yet", noGroupsHint: "Put statuses together that belong together, such as all with whom you still do business.", members: "Statuses in this group", memberNeeded: "Choose at least one status.", removeGroup: "The statuses in it stay as they are.", empty: "no status",
  },
  nl: {
    title: "Statussen", hint: "In de volgorde waarin ze overal worden getoond.", add: "Status toevoegen", edit: "{what} wijzigen", remove: "{what} verwijderen", color: "Kleur", role: "Rol in de automatisering", noRole: "Geen", roleMoves: "De status die deze rol nu heeft, raakt hem kwijt.", roleStays: "Geef deze rol aan een andere status om hem hier weg te halen.",
    initial: "Nieuwe klanten", converted: "Klanten", dormant: "Niets meer gehoord", initialHint: "De status van elke nieuwe klant", convertedHint: "De status die de automatisering geeft", dormantHint: "De status van wie niets meer laat horen",
    project_allowed: "Projecten toegestaan", project_allowedHint: "Andere systemen mogen een project voor zo'n klant openen.", supplier_allowed: "Mag leverancier zijn", supplier_allowedHint: "Andere systemen mogen zo'n klant als leverancier kiezen.", ended: "De relatie is beëindigd", endedHint: "Zulke klanten staan alleen in de zoekresultaten als u erom vraagt.",
    noProjects: "geen projecten", noSupplier: "geen leverancier", over: "beëindigd",
    hasRole: "Deze status heeft een rol in de automatisering: {role}. Geef die rol eerst aan een andere status.", inUse: {one: "{n} klant heeft deze status. Kies welke status die krijgt.", other: "{n} klanten hebben deze status. Kies welke status zij krijgen."}, moveTo: "Verplaatsen naar", noneHasIt: "Geen klant heeft deze status.",
    movedAway: {one: "{what} is verwijderd; {n} klant is verplaatst.", other: "{what} is verwijderd; {n} klanten zijn verplaatst."}, moveThem: {one: "{n} klant verplaatsen en verwijderen", other: "{n} klanten verplaatsen en verwijderen"},
    groups: "Statusgroepen", groupsHint: "Statussen waarop samen wordt gezocht en gefilterd. Een status mag in meer groepen staan.", addGroup: "Groep toevoegen", noGroups: "Nog geen groepen", noGroupsHint: "Zet statussen bijeen die bij elkaar horen, zoals iedereen met wie u nog zaken doet.", members: "Statussen in deze groep", memberNeeded: "Kies minstens één status.", removeGroup: "De statussen erin blijven zoals ze zijn.", empty: "geen status",
  },
  it: {
    title: "Stati", hint: "Nell'ordine in cui appaiono ovunque.", add: "Aggiungi uno stato", edit: "Modifica {what}", remove: "Rimuovi {what}", color: "Colore", role: "Ruolo nell'automazione", noRole: "Nessuno", roleMoves: "Lo stato che ha ora questo ruolo lo perde.", roleStays: "Per togliere questo ruolo, assegnalo a un altro stato.",
    initial: "Nuovi", converted: "Clienti", dormant: "Senza notizie", initialHint: "Lo stato di ogni nuovo cliente", convertedHint: "Lo stato che assegna l'automazione", dormantHint: "Lo stato di chi non si fa più sentire",
    project_allowed: "Progetti ammessi", project_allowedHint: "Gli altri sistemi possono aprire un progetto per questo cliente.", supplier_allowed: "Può essere fornitore", supplier_allowedHint: "Gli altri sistemi possono sceglierlo come fornitore.", ended: "Il rapporto è chiuso", endedHint: "Questi clienti compaiono nelle ricerche solo se richiesti.",
    noProjects: "niente progetti", noSupplier: "non fornitore", over: "cessato",
    hasRole: "Questo stato ha un ruolo nell'automazione: {role}. Assegna prima il ruolo a un altro stato.", inUse: {one: "{n} cliente ha questo stato. Scegli quale riceve al suo posto.", other: "{n} clienti hanno questo stato. Scegli quale ricevono al suo posto."}, moveTo: "Spostali in", noneHasIt: "Nessun cliente ha questo stato.",
    movedAway: {one: "{what} è stato rimosso; {n} cliente spostato.", other: "{what} è stato rimosso; {n} clienti spostati."}, moveThem: {one: "Sposta {n} cliente e rimuovi", other: "Sposta {n} clienti e rimuovi"},
    groups: "Gruppi di stati", groupsHint: "Stati che si cercano e si filtrano insieme. Uno può stare in più gruppi.", addGroup: "Aggiungi un gruppo", noGroups: "Ancora nessun gruppo", noGroupsHint: "Riunisci gli stati che vanno insieme, per esempio tutti quelli con cui lavori ancora.", members: "Stati in questo gruppo", memberNeeded: "Scegli almeno uno stato.", removeGroup: "Gli stati che contiene restano come sono.", empty: "nessuno stato",
  },
  fi: {
    title: "Tilat", hint: "Siinä järjestyksessä, jossa ne näkyvät kaikkialla.", add: "Lisää tila", edit: "Muokkaa: {what}", remove: "Poista: {what}", color: "Väri", role: "Rooli automaatiossa", noRole: "Ei roolia", roleMoves: "Tila, jolla rooli nyt on, menettää sen.", roleStays: "Roolin voi poistaa antamalla sen toiselle tilalle.",
    initial: "Uudet", converted: "Asiakkaat", dormant: "Hiljentyneet", initialHint: "Jokaisen uuden asiakkaan tila", convertedHint: "Tila, jonka automaatio antaa", dormantHint: "Hiljentyneiden tila",
    project_allowed: "Projektit sallittu", project_allowedHint: "Muut järjestelmät saavat avata projektin tällaiselle asiakkaalle.", supplier_allowed: "Voi olla toimittaja", supplier_allowedHint: "Muut järjestelmät saavat valita tällaisen asiakkaan toimittajaksi.", ended: "Asiakkuus on päättynyt", endedHint: "Tällaiset asiakkaat näkyvät hauissa vain pyydettäessä.",
    noProjects: "ei projekteja", noSupplier: "ei toimittaja", over: "päättynyt",
    hasRole: "Tällä tilalla on rooli automaatiossa: {role}. Anna rooli ensin toiselle tilalle.", inUse: {one: "{n} asiakkaalla on tämä tila. Valitse, minkä hän saa tilalle.", other: "{n} asiakkaalla on tämä tila. Valitse, minkä he saavat tilalle."}, moveTo: "Siirrä tilaan", noneHasIt: "Kenelläkään ei ole tätä tilaa.",
    movedAway: {one: "Poistettu: {what}. {n} asiakas siirrettiin.", other: "Poistettu: {what}. {n} asiakasta siirrettiin."}, moveThem: {one: "Siirrä {n} asiakas ja poista", other: "Siirrä {n} asiakasta ja poista"},
    groups: "Tilaryhmät", groupsHint: "Tiloja, joita haetaan ja suodatetaan yhdessä. Tila voi olla useassa ryhmässä.", addGroup: "Lisää ryhmä", noGroups: "Ei vielä ryhmiä", noGroupsHint: "Kokoa yhteen kuuluvat tilat, esimerkiksi kaikki, joiden kanssa asiointi jatkuu.", members: "Ryhmän tilat", memberNeeded: "Valitse ainakin yksi tila.", removeGroup: "Ryhmän tilat pysyvät ennallaan.", empty: "ei tiloja",
  },
}, "statuses");
