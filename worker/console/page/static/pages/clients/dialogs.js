// Whichever dialog is open.

import {html} from "../../lib/parts.js";
import {NewClient} from "../client/new.js";
import {ChangeTags, SetStatus} from "./bulk.js";
import {FilterEditor} from "./filters.js";
import {Import} from "./import.js";
import {Merge} from "./merge.js";
import {RemoveSaved, SaveDialog, UpdateSaved, openingOf} from "./saved.js";

// `dialog`: {what, …}; those who were selected when it was opened are its `rows`, whoever is selected later.
export function Dialogs({dialog, put, asked, onSaved, ...shared}) {
  if (!dialog) return null;
  const {what, audience} = dialog;
  const chosen = {...shared, rows: dialog.rows};
  const savedAs = (one) => {
    onSaved();
    put(openingOf(one));
  };
  const removed = (one) => {
    onSaved();
    if (asked.saved === one.audience_id) put({filter: null, saved: null, ended: false});
  };
  const renamed = () => onSaved();
  return {
    filters: () => html`<${FilterEditor} ...${shared} filter=${asked.filter} at=${dialog.at} onFilter=${(filter) => put({filter})} />`,
    save: () => html`<${SaveDialog} ...${shared} asked=${asked} onSaved=${savedAs} />`,
    rename: () => html`<${SaveDialog} ...${shared} asked=${asked} audience=${audience} onSaved=${renamed} />`,
    update: () => html`<${UpdateSaved} ...${shared} audience=${audience} filter=${asked.filter} onSaved=${savedAs} />`,
    remove: () => html`<${RemoveSaved} ...${shared} audience=${audience} onRemoved=${removed} />`,
    status: () => html`<${SetStatus} ...${chosen} />`,
    addTags: () => html`<${ChangeTags} ...${chosen} add />`,
    removeTags: () => html`<${ChangeTags} ...${chosen} add=${false} />`,
    create: () => html`<${NewClient} ...${shared} />`,
    import: () => html`<${Import} ...${shared} />`,
    merge: () => html`<${Merge} ...${chosen} />`,
  }[what]();
}
