/** Python to paste into a training. */

/** As they are called in `keras.optimizers`. */
const KERAS_OPTIMIZERS: readonly string[] = [
  "Adadelta",
  "Adafactor",
  "Adagrad",
  "Adam",
  "AdamW",
  "Adamax",
  "Ftrl",
  "Lamb",
  "Lion",
  "Muon",
  "Nadam",
  "RMSprop",
  "SGD",
  "ScheduleFreeAdamW",
];

/** A constant rate: in the optimizer it was found for, where that is one of Keras. */
export function rateCode(optimizer: string | null, rate: number): string {
  if (optimizer === null || !KERAS_OPTIMIZERS.includes(optimizer)) return `learning_rate = ${rate}`;
  return `keras.optimizers.${optimizer}(learning_rate=${rate})`;
}
