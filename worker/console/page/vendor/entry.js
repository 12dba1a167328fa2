export {h, render, Fragment, createContext} from "preact";
export {useState, useEffect, useLayoutEffect, useMemo, useRef, useCallback, useContext, useReducer, useId, useErrorBoundary} from "preact/hooks";
import {h} from "preact"; import htm from "htm"; export const html = htm.bind(h);
