/** Python to paste into a training. */

/** Sets a constant rate: in the optimizer it was found for, where that is one of those that Keras has. */
export function rateCode(optimizers: readonly string[], optimizer: string | null, rate: number): string {
  if (optimizer === null || !optimizers.includes(optimizer)) return `learning_rate = ${rate}`;
  return `keras.optimizers.${optimizer}(learning_rate=${rate})`;
}
