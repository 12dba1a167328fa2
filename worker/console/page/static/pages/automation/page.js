import {Skeleton, html} from "../../lib/parts.js";

export default () => html`<${Skeleton} />`;
