// What a business calls something of its own: a status, a group, a field, a value of a list.

import {language} from "./i18n.js";

// In the language of the page where there is a name for it, else as the business has it; undefined of nothing.
export const labelOf = (thing) => thing?.labels?.[language()] ?? thing?.label ?? thing?.name ?? thing?.code ?? thing?.field_id;
