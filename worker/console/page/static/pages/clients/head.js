// What can be done with the clients as a whole: enter one, bring in many, take them out.

import {Button, Menu, html} from "../../lib/parts.js";
import {Export, exportItems} from "./export.js";
import {t as importing} from "./import.words.js";
import {t} from "./words.js";

export function HeadActions({business, asked, mayChange, narrow, setDialog}) {
  if (!mayChange) return html`<${Export} business=${business} asked=${asked} />`;
  const bring = {label: importing("import"), icon: "upload", act: () => setDialog({what: "import"})};
  const create = html`<${Button} icon="plus" kind="primary" onClick=${() => setDialog({what: "create"})}>${t("newClient")}<//>`;
  if (narrow) return html`${create}<${Menu} label=${t("more")} items=${[bring, ...exportItems({business, asked}).map((item) => ({...item, label: `${t("export")}: ${item.label}`}))]} />`;
  return html`<${Button} icon="upload" onClick=${bring.act}>${bring.label}<//><${Export} business=${business} asked=${asked} />${create}`;
}
