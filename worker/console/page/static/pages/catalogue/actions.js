// The two things that can be done with an entry of any list.

import {IconButton, html} from "../../lib/parts.js";
import {t} from "./words.js";

export const Actions = ({what, onEdit, onRemove}) => html`<div class="line-actions">
  <${IconButton} icon="edit" label=${t("editWhat", {what})} onClick=${onEdit} />
  <${IconButton} icon="trash" label=${t("removeWhat", {what})} onClick=${onRemove} />
</div>`;
