/** The sheets of the LR Finder view as one text. */

import howToRead from "./guide/HowToRead.css?inline";
import multiples from "./Multiples.css?inline";
import runningTests from "./RunningTests.css?inline";
import suggestions from "./suggestions/Suggestions.css?inline";

export default [multiples, runningTests, howToRead, suggestions].join("\n");
