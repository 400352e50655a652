/** What runs are known by wherever they are listed. */
export { Swatch } from "../chart/Swatch";
