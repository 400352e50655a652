/** Python to paste into a training. */

/** The name of an optimizer as range tests record it: the class, and a momentum where it has one. */
const RECORDED = /^(\w+)(?:, momentum (\d(?:\.\d+)?(?:e-\d+)?))?$/;

/** The line that sets a constant rate: in the optimizer of the test where Keras has it, as a variable elsewhere. */
export function rateCode(optimizers: readonly string[], optimizer: string | null, rate: number): string {
  const [, name = "", momentum] = RECORDED.exec(optimizer ?? "") ?? [];
  if (!optimizers.includes(name)) return `learning_rate = ${rate}`;
  return `keras.optimizers.${name}(learning_rate=${rate}${momentum === undefined ? "" : `, momentum=${momentum}`})`;
}
