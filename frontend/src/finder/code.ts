/** Python to paste into a training. */

/** The line that sets a constant rate: in the optimizer of the test where Keras has it, as a variable elsewhere. */
export function rateCode(optimizers: readonly string[], optimizer: string | null, rate: number): string {
  if (optimizer === null || !optimizers.includes(optimizer)) return `learning_rate = ${rate}`;
  return `keras.optimizers.${optimizer}(learning_rate=${rate})`;
}
